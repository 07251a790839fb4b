internal import Foundation

/// The only place that asks what time it is; everything else is told.
enum SystemClock {
  private static let start = ContinuousClock.now

  /// Time since the program started, which never runs backwards.
  static func elapsed() -> Duration { ContinuousClock.now - start }

  /// Milliseconds since 1970.
  static func nowMilliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}

extension Duration {
  /// This duration as a number of seconds.
  var seconds: Double { self / .seconds(1) }
}
