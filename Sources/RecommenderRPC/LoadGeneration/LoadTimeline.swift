internal import NIOCore

/// What the load connections of one event loop saw in one second.
struct LoadSecond: Sendable {
  var histogram = LatencyHistogram()
  var errors: UInt64 = 0

  mutating func add(_ other: LoadSecond) {
    histogram.add(other.histogram)
    errors += other.errors
  }
}

/// What the load connections of one event loop saw, second by second. Touched on that loop only.
final class LoadTimeline {
  private let start: UInt64
  private(set) var seconds: [LoadSecond] = []

  init(start: NIODeadline) { self.start = start.uptimeNanoseconds }

  /// Counts an answer in the second in which it came.
  func recordAnswer(nanoseconds: UInt64, now: UInt64) {
    guard let second = second(of: now) else { return }
    seconds[second].histogram.record(nanoseconds: nanoseconds)
  }

  /// Counts a request that failed, in the second in which that was known.
  func recordError(now: UInt64) {
    guard let second = second(of: now) else { return }
    seconds[second].errors += 1
  }

  /// nil past the last second there is room for: the answers of stragglers.
  private func second(of now: UInt64) -> Int? {
    let second = Int((now - min(now, start)) / 1_000_000_000)
    guard second < RPCLoadPlan.maxTimelineSeconds else { return nil }
    while seconds.count <= second { seconds.append(LoadSecond()) }
    return second
  }

  /// Adds up what several event loops saw.
  static func sum(_ timelines: [[LoadSecond]]) -> [LoadSecond] {
    timelines.reduce(into: []) { sum, seconds in
      for (index, second) in seconds.enumerated() {
        if index == sum.count { sum.append(LoadSecond()) }
        sum[index].add(second)
      }
    }
  }
}
