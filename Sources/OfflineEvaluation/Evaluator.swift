internal import InteractionData
internal import LinearAlgebra
public import RecommenderModels
internal import Synchronization

/// Ranks a split's customers by a model and measures the lists.
public struct Evaluator: Sendable {
  /// The largest k of any metric.
  public static let kLimit = 1000

  private let split: EvaluationSplit
  private let k: Int
  private let metrics: [RankingMetric]
  private let groups: CustomerGroups?
  private let threadCount: Int
  /// For each customer, which adder it is; -1 for those with nothing to find.
  private let adderIndexes: [Int32]
  private let customersWithItem: [Int]

  /// Makes an evaluator.
  ///
  /// - Parameters:
  ///   - split: the split.
  ///   - k: the places MAP and exposure look at, 1 to ``kLimit``.
  ///   - cutoffs: further places at which every metric is measured, each 1 to ``kLimit``.
  ///   - groups: groups of customers to measure apart; nil for one group.
  ///   - threadCount: the threads to use; the figures are the same for any number.
  /// - Throws: ``EvaluationError/invalidK(value:limit:)``.
  public init(
    split: EvaluationSplit, k: Int = 7, cutoffs: [Int] = [], groups: CustomerGroups? = nil,
    threadCount: Int
  ) throws(EvaluationError) {
    for value in [k] + cutoffs where !(1...Self.kLimit).contains(value) {
      throw .invalidK(value: value, limit: Self.kLimit)
    }
    self.split = split
    self.k = k
    self.groups = groups
    self.threadCount = threadCount
    metrics = RankingMetric.all(k: k, cutoffs: cutoffs)
    var adders: Int32 = 0
    adderIndexes = split.customers.indices.map { position in
      guard split.relevantOffsets[position] < split.relevantOffsets[position + 1] else {
        return -1
      }
      defer { adders += 1 }
      return adders
    }
    customersWithItem = ItemCounts.customersWithItem(split.training)
  }

  /// The longest list any metric looks at.
  private var listLength: Int {
    min(max(k, metrics.map(\.k).max() ?? k), max(split.visible.items.count, 1))
  }

  /// Measures a model, which must not have seen more than the split's training part.
  public func figures(of recommender: any Recommender) -> EvaluationFigures {
    result(of: recommender.scorer(for: split.visible, targetMonth: split.targetMonth)).figures
  }

  /// Measures what a scorer says of the split's customers.
  ///
  /// - Parameters:
  ///   - scorer: a scorer of the split's ``EvaluationSplit/visible`` dataset.
  ///   - isProbability: whether scores are probabilities of being taken in the target month.
  ///   - keep: called with each customer's place and list, best first, from several threads.
  /// - Returns: a row of metrics for each adder, and exposures.
  public func result(
    of scorer: any Scorer, isProbability: Bool = false,
    keep: (@Sendable (Int, UnsafeBufferPointer<UInt32>) -> Void)? = nil
  ) -> EvaluationResult {
    let groupCount = groups?.names.count ?? 1
    let adderCount = adderIndexes.count { $0 >= 0 }
    let total = Mutex(
      WorkerCounts(
        exposureCount: groupCount * split.visible.items.count,
        calibration: isProbability ? CalibrationCounter() : nil))
    let rows = MetricRows(count: adderCount * metrics.count)
    let batchSize = ScoringBatch.size(for: scorer, itemCount: split.visible.items.count)
    let chunks = Parallel.chunks(of: split.customers.count, chunkSize: batchSize)
    let workers = max(1, min(threadCount, chunks.count))
    let next = Atomic<Int>(0)
    Parallel.forEach(count: workers, threadCount: workers) { _ in
      var counts = WorkerCounts(
        exposureCount: groupCount * split.visible.items.count,
        calibration: isProbability ? CalibrationCounter() : nil)
      let pass = EvaluationPass(
        split: split, scorer: scorer, k: k, metrics: metrics, listLength: listLength,
        adderIndexes: adderIndexes, groups: groups?.codes, keep: keep)
      while true {
        let chunk = next.add(1, ordering: .relaxed).oldValue
        if chunk >= chunks.count { break }
        pass.run(chunks[chunk], rows: rows.values, counts: &counts)
      }
      // Whole numbers: the order in which workers end does not matter.
      total.withLock { $0.add(counts) }
    }
    let sums = total.withLock { $0 }
    return EvaluationResult(
      metrics: metrics, customers: split.customers,
      adderPositions: adderIndexes.indices.filter { adderIndexes[$0] >= 0 },
      rows: Array(rows.values), exposures: sums.exposures,
      groups: groups?.codes ?? [], groupCount: groupCount, customersWithItem: customersWithItem,
      trainingCustomerCount: split.training.customers.count,
      calibrationCounter: sums.calibration)
  }
}

/// Memory that several threads write, each row by one of them.
private final class MetricRows: @unchecked Sendable {
  let values: UnsafeMutableBufferPointer<Double>

  init(count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: 0)
  }

  deinit { values.deallocate() }
}
