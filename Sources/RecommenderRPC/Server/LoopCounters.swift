internal import Synchronization

/// What one event loop has answered, for metrics.
///
/// Each number has one writer, the loop: it loads, adds and stores, which takes neither a lock nor a
/// locked instruction, and memory no other loop writes to. Anybody may read at any time and sees each
/// number whole; numbers of the answers under way may be a moment apart.
///
/// The time of an answer runs from the arrival of the bytes it was asked with to the write that
/// carries it. A burst of requests is read, executed and answered together, so one look at the clock
/// at its end gives the time of all; until then its answers are only counted.
final class LoopCounters: Sendable {
  /// Places for methods by their number; 0 is for numbers that are no method.
  static let methodSlots = 32
  static let statusSlots = StatusCode.allCases.count
  /// Upper bounds of answer times in nanoseconds; one more place is for what is beyond.
  static let boundsNanoseconds: [UInt64] = [
    10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
    25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000,
  ]

  /// Numbers that are not of one method.
  enum Total: Int, CaseIterable {
    case connectionsOpened, violations, bytesReceived, bytesSent
  }

  private enum Layout {
    static let bucketSlots = boundsNanoseconds.count + 1
    static let buckets = methodSlots * statusSlots
    static let sums = buckets + methodSlots * bucketSlots
    static let totals = sums + methodSlots
    static let count = totals + Total.allCases.count
  }

  nonisolated(unsafe) private let numbers: UnsafeMutablePointer<Atomic<UInt64>>
  // The loop's alone: answers of the burst under way, by method, and which methods those are.
  nonisolated(unsafe) private let burst: UnsafeMutablePointer<UInt64>
  nonisolated(unsafe) private var burstSlots: UInt32 = 0

  init() {
    burst = .allocate(capacity: Self.methodSlots)
    burst.initialize(repeating: 0, count: Self.methodSlots)
    numbers = .allocate(capacity: Layout.count)
    for place in 0..<Layout.count { (numbers + place).initialize(to: Atomic(0)) }
  }

  deinit {
    numbers.deinitialize(count: Layout.count)
    numbers.deallocate()
    burst.deallocate()
  }

  /// Where a method number is counted.
  @inline(__always)
  static func slot(_ method: UInt16) -> Int {
    MethodNumber(rawValue: method).map { Int($0.rawValue) } ?? 0
  }

  @inline(__always)
  private func add(_ place: Int, _ amount: UInt64) {
    numbers[place].store(numbers[place].load(ordering: .relaxed) &+ amount, ordering: .relaxed)
  }

  private func number(_ place: Int) -> UInt64 { numbers[place].load(ordering: .relaxed) }

  // MARK: The loop's side

  /// Counts an answer.
  @inline(__always)
  func countAnswer(slot: Int, status: StatusCode) {
    add(slot * Self.statusSlots + Int(status.rawValue), 1)
  }

  /// Counts an answer whose time is that of the burst under way.
  @inline(__always)
  func countBurstAnswer(slot: Int, status: StatusCode) {
    countAnswer(slot: slot, status: status)
    burst[slot] &+= 1
    burstSlots |= 1 << UInt32(slot)
  }

  @inline(__always)
  var isInsideBurst: Bool { burstSlots != 0 }

  /// Gives all answers of the burst their time.
  func endBurst(nanoseconds: UInt64) {
    while burstSlots != 0 {
      let slot = burstSlots.trailingZeroBitCount
      burstSlots &= burstSlots - 1
      countTime(slot: slot, nanoseconds: nanoseconds, answers: burst[slot])
      burst[slot] = 0
    }
  }

  /// Counts the time of some answers of a method.
  func countTime(slot: Int, nanoseconds: UInt64, answers: UInt64) {
    let bucket =
      Self.boundsNanoseconds.firstIndex { nanoseconds <= $0 } ?? Self.boundsNanoseconds.count
    add(Layout.buckets + slot * Layout.bucketSlots + bucket, answers)
    add(Layout.sums + slot, nanoseconds &* answers)
  }

  /// Adds to a number that is not of one method.
  @inline(__always)
  func add(_ total: Total, _ amount: Int = 1) {
    add(Layout.totals + total.rawValue, UInt64(amount))
  }

  // MARK: Everybody's side

  func total(_ total: Total) -> UInt64 { number(Layout.totals + total.rawValue) }

  /// What was answered of a method.
  func method(slot: Int, name: String) -> RPCMethodCounts {
    RPCMethodCounts(
      name: name,
      answers: StatusCode.allCases.map {
        number(slot * Self.statusSlots + Int($0.rawValue))
      },
      timeCounts: (0..<Layout.bucketSlots).map {
        number(Layout.buckets + slot * Layout.bucketSlots + $0)
      },
      timeSumNanoseconds: number(Layout.sums + slot))
  }
}
