internal import Glibc
internal import Synchronization

/// Lets threads that wait for a processor go first, between the steps of work that is less urgent.
///
/// A scheduler lets a busy thread go on for milliseconds while one that just got a request waits; asked
/// often, it switches at once. Where processors are short for longer, every switch costs a share of
/// them, so only one part in ``divisor`` of the time is given away, and as much as
/// ``burstNanoseconds`` at once. What is computed does not depend on it.
public final class GivingWay: Sendable {
  /// The steps, of some microseconds, after which it may be.
  static let stepInterval = 8
  /// The time that passes, from the start, for each that is given away.
  static let divisor: UInt64 = 4
  /// The most time that is given away at once is this by ``divisor``, and the last switch.
  static let burstNanoseconds: UInt64 = 20_000_000

  /// When enough was worked for what was given away, by the clock of the machine.
  private let settledAtNanoseconds = Atomic<UInt64>(0)

  /// Makes one, for work of one thread at a time.
  public init() {}

  /// Between two steps: gives way, when it is time.
  ///
  /// - Parameter number: the step's; they count up.
  @inline(__always)
  public func step(_ number: Int) {
    if number % Self.stepInterval == Self.stepInterval - 1 { giveWay() }
  }

  private func giveWay() {
    let settledAt = settledAtNanoseconds.load(ordering: .relaxed)
    let start = nowNanoseconds()
    guard Self.mayGiveWay(at: start, settledAt: settledAt) else { return }
    sched_yield()
    let end = nowNanoseconds()
    settledAtNanoseconds.store(
      Self.settled(from: start, to: end, settledAt: settledAt), ordering: .relaxed)
  }

  /// Whether little enough was given away before.
  static func mayGiveWay(at now: UInt64, settledAt: UInt64) -> Bool {
    settledAt <= now + burstNanoseconds
  }

  /// When a time that was given away is made up for.
  static func settled(from start: UInt64, to end: UInt64, settledAt: UInt64) -> UInt64 {
    max(settledAt, start) + (end - start) * divisor
  }

  private func nowNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
