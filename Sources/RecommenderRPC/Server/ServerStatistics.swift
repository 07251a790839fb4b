internal import NIOCore
internal import Synchronization

/// Counts shared by the event loops of one server.
final class ServerStatistics: Sendable {
  private let start: NIODeadline
  private let requestCount = Atomic<UInt64>(0)
  private let connectionCount = Atomic<Int>(0)
  private let draining = Atomic<Bool>(false)
  private let requestsInFlight = Atomic<Int>(0)
  private let bytesInFlight = Atomic<Int>(0)
  private let unsent = Atomic<Int>(0)

  init(start: NIODeadline) { self.start = start }

  var requests: UInt64 { requestCount.load(ordering: .relaxed) }
  var connections: Int { connectionCount.load(ordering: .relaxed) }
  var isDraining: Bool { draining.load(ordering: .relaxed) }

  func addRequests(_ count: UInt64) {
    if count > 0 { requestCount.wrappingAdd(count, ordering: .relaxed) }
  }

  /// Takes a place for one more connection; false when all are taken.
  func openConnection(limit: Int) -> Bool {
    let (_, count) = connectionCount.add(1, ordering: .relaxed)
    if count <= limit { return true }
    connectionCount.subtract(1, ordering: .relaxed)
    return false
  }

  func closeConnection() { connectionCount.subtract(1, ordering: .relaxed) }

  /// Takes room for one more request that is answered later; false when there is none.
  func reserveRequest(bytes: Int, limits: RPCLimits) -> Bool {
    let (_, count) = requestsInFlight.add(1, ordering: .relaxed)
    if count <= limits.maxServerRequestsInFlight {
      if reserve(bytes: bytes, limits: limits) { return true }
    }
    requestsInFlight.subtract(1, ordering: .relaxed)
    return false
  }

  func releaseRequest(bytes: Int) {
    requestsInFlight.subtract(1, ordering: .relaxed)
    release(bytes: bytes)
  }

  /// Takes room for bytes that are kept; false when there is none.
  func reserve(bytes: Int, limits: RPCLimits) -> Bool {
    let (_, total) = bytesInFlight.add(bytes, ordering: .relaxed)
    if total <= limits.maxServerBytesInFlight { return true }
    bytesInFlight.subtract(bytes, ordering: .relaxed)
    return false
  }

  func release(bytes: Int) { bytesInFlight.subtract(bytes, ordering: .relaxed) }

  /// What is taken now: for tests and reports.
  var inFlight: (requests: Int, bytes: Int) {
    (requestsInFlight.load(ordering: .relaxed), bytesInFlight.load(ordering: .relaxed))
  }

  /// Bytes of answers that wait until clients fetch them.
  var unsentBytes: Int { unsent.load(ordering: .relaxed) }

  /// A connection has more or fewer of them than before.
  func changeUnsent(by bytes: Int) { unsent.add(bytes, ordering: .relaxed) }

  /// True the first time.
  func beginDraining() -> Bool { !draining.exchange(true, ordering: .relaxed) }

  func uptimeMilliseconds(now: NIODeadline) -> UInt64 {
    UInt64(max(0, (now - start).nanoseconds / 1_000_000))
  }
}
