internal import InteractionData
internal import LinearAlgebra

/// Estimates from a log what other policies than the one that served would have brought.
public struct OffPolicyEvaluator: Sendable {
  /// How estimates are made.
  public struct Settings: Sendable {
    /// The largest weight; larger ones are cut to it, which takes noise out and puts a bias towards
    /// 0 in. Infinite for none.
    public var clip = Double.infinity
    /// How often customers are resampled for intervals of 95 %, in
    /// ``BootstrapIntervals/replicateRange``.
    public var replicateCount = 1000
    /// What parts the customers into folds, and draws them.
    public var seed: UInt64 = 1
    /// The threads to use; the figures are the same for any number.
    public var threadCount = 1

    /// Makes the default settings.
    public init() {}
  }

  private let log: LoggedAnswers
  private let settings: Settings
  private let model: RewardModel
  private let slotCount: Int

  /// Prepares a log: fits the reward model.
  ///
  /// - Parameters:
  ///   - log: the answers, at least one.
  ///   - settings: how estimates are made.
  /// - Throws: ``EvaluationError/invalidOption(name:value:expected:)``.
  public init(_ log: LoggedAnswers, settings: Settings = Settings()) throws(EvaluationError) {
    try BootstrapIntervals.check(replicateCount: settings.replicateCount)
    guard settings.clip >= 1 else {
      throw .invalidOption(name: "clip", value: "\(settings.clip)", expected: "1 or more")
    }
    self.log = log
    self.settings = settings
    model = RewardModel(log, seed: settings.seed)
    slotCount = log.answers.map(\.slots.count).max() ?? 0
  }

  /// What an answer brought, as served.
  public var served: BootstrapIntervals.Interval {
    // Every policy's sums have the rewards; that which served is known for every answer.
    guard let sums = sums(of: ServedPolicy()) else { preconditionFailure("served is always known") }
    return Self.interval(replicates(of: sums), sums.means) { $0.reward }
  }

  /// The sums of a policy over all answers; nil where the log does not say enough of one.
  func sums(
    of policy: any TargetPolicy, _ visit: (AnswerTerms) -> Void = { _ in }
  ) -> OffPolicySums? {
    var sums = OffPolicySums(customerCount: log.customers.count, slotCount: slotCount)
    for piece in Parallel.chunks(of: log.answers.count, chunkSize: Self.pieceSize) {
      let output = ParallelOutput<AnswerTerms?>(repeating: nil, count: piece.count)
      let chunks = Parallel.chunks(of: piece.count, chunkSize: Self.chunkSize)
      Parallel.forEach(count: chunks.count, threadCount: settings.threadCount) { chunk in
        for place in chunks[chunk] {
          output.values[place] = terms(of: policy, log.answers[piece.lowerBound + place])
        }
      }
      // Added in the order of the log, so that sums are the same whatever the threads did.
      for place in piece {
        guard let terms = output.values[place - piece.lowerBound] else { return nil }
        visit(terms)
        sums.add(terms, of: log.answers[place])
      }
    }
    return sums
  }

  /// The answers whose terms are kept before they are added up.
  private static let pieceSize = 16_384
  /// The answers that a thread takes before it takes others.
  private static let chunkSize = 256

  private func terms(of policy: any TargetPolicy, _ answer: LoggedAnswer) -> AnswerTerms? {
    policy.slots(for: answer).map {
      AnswerTerms(answer, target: $0, guesses: model.guesses(for: answer), clip: settings.clip)
    }
  }

  /// Estimates what a policy would have brought.
  ///
  /// - Parameters:
  ///   - policy: the policy.
  ///   - name: its name.
  /// - Returns: the figures, or why there are none.
  public func figures(of policy: any TargetPolicy, name: String) -> OffPolicyFigures {
    var weights = WeightSums()
    let sums = sums(of: policy) { weights.add($0, clip: settings.clip) }
    guard let sums else {
      let unknown = log.answers.count { policy.slots(for: $0) == nil }
      return OffPolicyFigures(
        name: name, unknownAnswers: unknown, diagnostics: nil, estimates: nil, bounds: nil)
    }
    let diagnostics = weights.diagnostics
    let replicates = replicates(of: sums)
    let estimates = Self.estimates(replicates, sums.means)
    let isSupported = diagnostics.unsupportedShare <= OffPolicyFigures.unsupportedLimit
    return OffPolicyFigures(
      name: name, unknownAnswers: 0, diagnostics: diagnostics,
      estimates: isSupported ? estimates : nil,
      bounds: diagnostics.unsupportedShare > 0 ? bounds(replicates, sums.means) : nil)
  }

  private func replicates(of sums: OffPolicySums) -> [OffPolicySums.Means] {
    let seed = settings.seed
    let threadCount = max(1, settings.threadCount)
    let chunks = Parallel.chunks(
      of: settings.replicateCount,
      chunkSize: (settings.replicateCount + threadCount - 1) / threadCount)
    let output = ParallelOutput(repeating: [OffPolicySums.Means](), count: chunks.count)
    Parallel.forEach(count: chunks.count, threadCount: threadCount) { chunk in
      output.values[chunk] = sums.means(
        chunks[chunk].map { BootstrapSample(seed: seed, replicate: $0) })
    }
    return output.values.flatMap { $0 }
  }

  private static func interval(
    _ replicates: [OffPolicySums.Means], _ estimate: OffPolicySums.Means,
    _ figure: (OffPolicySums.Means) -> Double
  ) -> BootstrapIntervals.Interval {
    // A draw of nobody, or of nobody with a weight, says nothing.
    let values = replicates.map(figure).filter { !$0.isNaN }
    return BootstrapIntervals.interval(figure(estimate), values)
  }

  private static func estimates(
    _ replicates: [OffPolicySums.Means], _ means: OffPolicySums.Means
  ) -> OffPolicyFigures.Estimates {
    OffPolicyFigures.Estimates(
      inversePropensity: interval(replicates, means) { $0.weighted },
      selfNormalized: means.selfNormalized.isNaN
        ? nil : interval(replicates, means) { $0.selfNormalized },
      directMethod: interval(replicates, means) { $0.guessed },
      doublyRobust: interval(replicates, means) { $0.doublyRobust },
      difference: interval(replicates, means) { $0.doublyRobust - $0.reward })
  }

  /// Rewards of what is supported by inverse propensity scores, and for the rest nothing or the most.
  private func bounds(
    _ replicates: [OffPolicySums.Means], _ means: OffPolicySums.Means
  ) -> ClosedRange<Double> {
    let limit = log.rewardLimit
    let least = Self.interval(replicates, means) { $0.weighted }
    let most = Self.interval(replicates, means) { $0.weighted + limit * $0.unsupportedSlots }
    return least.low...max(least.low, most.high)
  }
}

/// The sums over answers that the diagnostics are made of.
private struct WeightSums {
  private var count = 0.0
  private var sum = 0.0
  private var squares = 0.0
  private var largest = 0.0
  private var clipped = 0.0
  private var unsupported = 0.0
  private var checked = 0.0
  private var checkedSquares = 0.0

  mutating func add(_ terms: AnswerTerms, clip: Double) {
    let used = min(terms.weight, clip)
    count += 1
    sum += used
    squares += used * used
    largest = max(largest, terms.weight)
    if terms.isClipped { clipped += 1 }
    unsupported += terms.unsupported
    let whole = terms.weight + terms.unsupported
    checked += whole
    checkedSquares += (whole - 1) * (whole - 1)
  }

  var diagnostics: OffPolicyFigures.Diagnostics {
    let mean = checked / count
    let variance = max(0, checkedSquares / count - (mean - 1) * (mean - 1))
    let error = (variance / count).squareRoot()
    return OffPolicyFigures.Diagnostics(
      effectiveAnswers: squares > 0 ? sum * sum / squares : 0, largestWeight: largest,
      clippedShare: clipped / count, meanWeight: mean,
      meanWeightDeviations: error > 0 ? (mean - 1) / error : 0,
      unsupportedShare: unsupported / count)
  }
}
