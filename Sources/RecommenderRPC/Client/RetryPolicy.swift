/// When and how often a call is tried again. Only UNAVAILABLE is: every other status says that the
/// same request would fare no better, or may have been carried out.
public struct RetryPolicy: Equatable, Sendable {
  /// Attempts in all, the first included; at least 1.
  public var attempts = 4
  /// Longest wait before the second attempt.
  public var firstBackoff: Duration = .milliseconds(50)
  /// How much longer each further wait may be.
  public var multiplier = 2.0
  /// Longest wait before any attempt.
  public var maxBackoff: Duration = .seconds(2)

  /// Four attempts within about a third of a second.
  public init() {}

  /// The wait after failed attempt number `attempt` (from 1), for a random number from 0 to 1.
  ///
  /// The whole wait is drawn at random ("full jitter"), so that clients that lost the same server do
  /// not come back all at once.
  public func backoff(afterAttempt attempt: Int, random: Double) -> Duration {
    precondition(attempt >= 1 && random >= 0 && random <= 1)
    var longest = firstBackoff
    for _ in 1..<attempt where longest < maxBackoff { longest = longest * multiplier }
    return min(longest, maxBackoff) * random
  }
}
