internal import NIOCore

/// The pings of a client that no PONG has come for.
struct WaitingPings {
  /// Gets the time from PING to PONG, or why there is none. Called exactly once, on the event loop.
  typealias Completion = (Result<Duration, RPCError>) -> Void

  /// One PING that was sent.
  struct Ping {
    var start: NIODeadline
    var timer: Scheduled<Void>?
    var completion: Completion
  }

  private var lastNumber: UInt32 = 0
  private var waiting: [UInt32: Ping] = [:]

  var isEmpty: Bool { waiting.isEmpty }

  /// A number that no waiting ping has, never 0: the PING's content.
  mutating func nextNumber() -> UInt32 {
    repeat { lastNumber &+= 1 } while lastNumber == 0 || waiting[lastNumber] != nil
    return lastNumber
  }

  mutating func add(_ number: UInt32, _ ping: Ping) { waiting[number] = ping }

  /// Takes a ping out, if it still waits.
  mutating func take(_ number: UInt32) -> Ping? { waiting.removeValue(forKey: number) }

  /// Takes all of them out.
  mutating func takeAll() -> [Ping] {
    defer { waiting.removeAll() }
    return Array(waiting.values)
  }
}
