internal import Testing

@testable internal import EventLog

/// How much time is given away.
struct GivingWayTests {
  private static let millisecond: UInt64 = 1_000_000

  /// Until something is given away again, four times as much passes.
  @Test func timeGivenAwayIsMadeUpFor() {
    let start = 100 * Self.millisecond
    let settledAt = GivingWay.settled(from: start, to: start + Self.millisecond, settledAt: 7)
    #expect(settledAt == 104 * Self.millisecond)
    let later = GivingWay.settled(
      from: 101 * Self.millisecond, to: 103 * Self.millisecond, settledAt: settledAt)
    #expect(later == 112 * Self.millisecond)
  }

  @Test func aBurstHasALimit() {
    let now = 100 * Self.millisecond
    #expect(GivingWay.mayGiveWay(at: now, settledAt: 0))
    #expect(GivingWay.mayGiveWay(at: now, settledAt: now + GivingWay.burstNanoseconds))
    #expect(!GivingWay.mayGiveWay(at: now, settledAt: now + GivingWay.burstNanoseconds + 1))
  }

  /// On a machine where every switch takes 3 ms, work of 30 µs between two gets three parts of
  /// four in the long run.
  @Test func mostOfTheTimeIsLeftWhereProcessorsAreShort() {
    var (now, settledAt, worked): (UInt64, UInt64, UInt64) = (0, 0, 0)
    for _ in 0..<100_000 {
      now += 30_000
      worked += 30_000
      guard GivingWay.mayGiveWay(at: now, settledAt: settledAt) else { continue }
      let end = now + 3 * Self.millisecond
      settledAt = GivingWay.settled(from: now, to: end, settledAt: settledAt)
      now = end
    }
    let share = Double(worked) / Double(now)
    #expect(share > 0.74 && share < 0.76, "\(share)")
  }
}
