/// What a log says of a policy that did not serve.
public struct OffPolicyFigures: Sendable {
  /// How the value of an answer is estimated.
  public struct Estimates: Sendable {
    /// Inverse propensity scores: Σ weight × reward / answers. Unbiased; noisy.
    public let inversePropensity: BootstrapIntervals.Interval
    /// The same, each slot over its sum of weights: less noisy, with a bias that falls as 1 / answers
    /// (Swaminathan and Joachims 2015, "The self-normalized estimator for counterfactual learning").
    /// Nil where all weights of a slot are 0.
    public let selfNormalized: BootstrapIntervals.Interval?
    /// The direct method: what the reward model guesses. As biased as that is.
    public let directMethod: BootstrapIntervals.Interval
    /// The guess, corrected by the weighted error of the guess of what was shown (Dudik et al. 2014,
    /// doi:10.1214/14-STS500). Unbiased; less noisy than inverse propensity scores.
    public let doublyRobust: BootstrapIntervals.Interval
    /// The doubly robust estimate minus the value of what was served, on the same draws.
    public let difference: BootstrapIntervals.Interval
  }

  /// What the estimates rest on.
  public struct Diagnostics: Sendable {
    /// The effective sample size, `(Σ w)² / Σ w²` over answers (Kish 1965): as many answers of this
    /// very policy would say as much.
    public let effectiveAnswers: Double
    /// The largest weight of a slate, before the limit.
    public let largestWeight: Double
    /// The share of answers with a weight that was cut to the limit.
    public let clippedShare: Double
    /// The mean weight of a slate, what is not supported counted as 1: 1 but for noise, when the
    /// logged propensities are those that were drawn with.
    public let meanWeight: Double
    /// How many standard errors that is from 1.
    public let meanWeightDeviations: Double
    /// The chance that the policy shows, somewhere in a slate, what the log could not have shown.
    public let unsupportedShare: Double
  }

  /// The most of a policy's chances that the log may lack for estimates to be given.
  public static let unsupportedLimit = 0.05
  /// How many standard errors the mean weight may be from 1 before propensities are doubted.
  public static let meanWeightLimit = 4.0

  /// The policy's name.
  public let name: String
  /// The answers for which the log does not say what the policy would have done; where there is one,
  /// there is nothing else.
  public let unknownAnswers: Int
  /// Nil where answers are unknown.
  public let diagnostics: Diagnostics?
  /// Nil where answers are unknown, or more than ``unsupportedLimit`` is not supported.
  public let estimates: Estimates?
  /// Between what the value lies with 95 % confidence whatever comes of what is not supported: from
  /// nothing to the most an item can bring. Nil where answers are unknown or all is supported.
  public let bounds: ClosedRange<Double>?
}
