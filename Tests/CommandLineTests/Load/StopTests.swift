internal import Foundation
internal import Synchronization
internal import Testing

/// SIGTERM while requests are under way, seen from outside.
struct StopTests {
  /// What one connection saw.
  private struct Tally: Sendable {
    var sent = 0
    var answered = 0
    var failed = 0
    /// Requests sent behind the answer to the farewell, and what became of them.
    var late = 0
    var lateStatuses: [UInt32] = []
    var wasToldToGo = false
    var hasEnded = false
  }

  private static let connectionCount = 4
  private static let window = 192
  private static let lateCount = 3
  private static let unavailable: UInt32 = 14

  /// Keeps requests under way until the server says that it goes; then acknowledges that, sends a few
  /// more in the same breath, and reads to the end.
  private static func load(_ address: String, _ tally: borrowing Mutex<Tally>) {
    defer { tally.withLock { $0.hasEnded = true } }
    guard let connection = RawConnection(address) else { return }
    var id: UInt32 = 0
    var firstLate = UInt32.max
    func requests(_ count: Int) -> [UInt8] {
      (0..<count).flatMap { _ in
        id += 1
        return RawConnection.recommend("user-\(id)", id: id)
      }
    }
    while true {
      while firstLate == .max, tally.withLock({ $0.sent - $0.answered }) < window {
        let burst = requests(64)
        // What may have reached the server counts as sent.
        tally.withLock { $0.sent += 64 }
        guard connection.send(burst) else { return }
      }
      let frames = connection.receive()
      if frames.isEmpty { return }
      for frame in frames {
        switch frame.type {
        case RawConnection.FrameType.response:
          tally.withLock { tally in
            if frame.requestID >= firstLate {
              tally.lateStatuses.append(frame.word)
            } else {
              tally.answered += 1
              if frame.word != 0 { tally.failed += 1 }
            }
          }
        case RawConnection.FrameType.goAway: tally.withLock { $0.wasToldToGo = frame.word == 0 }
        case RawConnection.FrameType.ping:
          firstLate = id + 1
          let late = requests(lateCount)
          tally.withLock { $0.late = lateCount }
          _ = connection.send(
            RawConnection.frame(RawConnection.FrameType.pong, frame.payload) + late)
        default: break
        }
      }
    }
  }

  private final class Tallies: Sendable {
    let all: [TallyBox] = (0..<StopTests.connectionCount).map { _ in TallyBox() }
  }

  private final class TallyBox: Sendable {
    let tally = Mutex(Tally())
  }

  /// Once, twice at once, and with connections that ask for nothing beside.
  @Test(.timeLimit(.minutes(5)), arguments: [1, 2, 5])
  func everyRequestSentBeforeTheFarewellIsAnswered(signals: Int) throws {
    let bank = try ServingWorkspace()
    let server = try bank.serve("--exploration-weight", "0")
    let idle = RawConnection(server.address)
    let tallies = Tallies()
    let address = server.address
    for box in tallies.all {
      Thread.detachNewThread { Self.load(address, box.tally) }
    }
    while tallies.all.contains(where: { box in
      box.tally.withLock { $0.answered < 500 && !$0.hasEnded }
    }) { usleep(1000) }
    for _ in 1..<signals { server.signal(SIGTERM) }
    #expect(server.stop(SIGTERM) == 0)
    while tallies.all.contains(where: { box in box.tally.withLock { !$0.hasEnded } }) {
      usleep(1000)
    }
    for tally in tallies.all.map({ $0.tally.withLock { $0 } }) {
      #expect(tally.wasToldToGo, "\(tally)")
      #expect(tally.sent >= 500 && tally.answered == tally.sent && tally.failed == 0, "\(tally)")
      // Sent in the knowledge of the end: refused, or not looked at, never carried out.
      #expect(tally.lateStatuses.allSatisfy { $0 == Self.unavailable }, "\(tally)")
    }
    let farewell = idle?.receive() ?? []
    #expect(farewell.first?.type == RawConnection.FrameType.goAway)
    let log = server.log()
    #expect(log.contains(" stopped "), "\(log)")
    #expect(log.contains("cut=0"), "\(log)")
  }
}
