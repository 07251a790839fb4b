internal import InteractionData
internal import LinearAlgebra
internal import RecommenderModels

/// What one thread counts.
struct WorkerCounts: Sendable {
  var exposures: [Int]
  var calibration: CalibrationCounter?

  init(exposureCount: Int, calibration: CalibrationCounter?) {
    exposures = [Int](repeating: 0, count: exposureCount)
    self.calibration = calibration
  }

  mutating func add(_ other: WorkerCounts) {
    for index in exposures.indices { exposures[index] += other.exposures[index] }
    if let counter = other.calibration { calibration?.add(counter) }
  }
}

/// One thread's way through batches of customers: score, leave out, rank, measure. Its memory is
/// allocated once.
final class EvaluationPass {
  private let split: EvaluationSplit
  private let scorer: any Scorer
  private let k: Int
  private let metrics: [RankingMetric]
  private let adderIndexes: [Int32]
  private let groups: [UInt16]?
  private let keep: (@Sendable (Int, UnsafeBufferPointer<UInt32>) -> Void)?
  private let positiveEventTypes: [Bool]
  private let itemCount: Int
  private let scores: UnsafeMutableBufferPointer<Float>
  private let candidateScores: UnsafeMutableBufferPointer<Float>
  private let list: UnsafeMutableBufferPointer<UInt32>
  private var histories: [CustomerHistory] = []

  init(
    split: EvaluationSplit, scorer: any Scorer, k: Int, metrics: [RankingMetric], listLength: Int,
    adderIndexes: [Int32], groups: [UInt16]?,
    keep: (@Sendable (Int, UnsafeBufferPointer<UInt32>) -> Void)?
  ) {
    self.split = split
    self.scorer = scorer
    self.k = k
    self.metrics = metrics
    self.adderIndexes = adderIndexes
    self.groups = groups
    self.keep = keep
    positiveEventTypes = split.visible.interactions.positiveEventTypes
    itemCount = split.visible.items.count
    let batchSize = ScoringBatch.size(for: scorer, itemCount: itemCount)
    scores = .allocate(capacity: batchSize * itemCount)
    scores.initialize(repeating: 0)
    candidateScores = .allocate(capacity: itemCount)
    candidateScores.initialize(repeating: 0)
    list = .allocate(capacity: listLength)
    list.initialize(repeating: 0)
    histories.reserveCapacity(batchSize)
  }

  deinit {
    scores.deallocate()
    candidateScores.deallocate()
    list.deallocate()
  }

  /// Evaluates the customers at some places of the split.
  func run(
    _ positions: Range<Int>, rows: UnsafeMutableBufferPointer<Double>,
    counts: inout WorkerCounts
  ) {
    histories.removeAll(keepingCapacity: true)
    for position in positions {
      histories.append(split.visible.history(of: Int(split.customers[position])))
    }
    let batch = scores.extracting(0..<positions.count * itemCount)
    scorer.score(histories, into: batch)
    for (index, position) in positions.enumerated() {
      let row = batch.extracting(index * itemCount..<(index + 1) * itemCount)
      measure(position, histories[index], row, rows: rows, counts: &counts)
    }
  }

  private func measure(
    _ position: Int, _ history: CustomerHistory, _ row: UnsafeMutableBufferPointer<Float>,
    rows: UnsafeMutableBufferPointer<Double>, counts: inout WorkerCounts
  ) {
    if split.leavesOutSeenItems {
      CandidateMask.apply(
        to: row, history: history, hasPanel: split.visible.panel != nil,
        positiveEventTypes: positiveEventTypes)
    }
    if let candidates = split.candidates?[position] { restrict(row, to: candidates) }
    let range = split.relevantOffsets[position]..<split.relevantOffsets[position + 1]
    // Of those with nothing to find only what they are shown matters, unless somebody keeps it.
    let isWhole = !range.isEmpty || keep != nil
    let slots = isWhole ? list : list.extracting(0..<min(k, list.count))
    let length = TopK.select(UnsafeBufferPointer(row), into: slots)
    let ranked = UnsafeBufferPointer(rebasing: list[..<length])
    let base = Int(groups?[position] ?? 0) * itemCount
    for item in ranked.prefix(k) { counts.exposures[base + Int(item)] += 1 }
    keep?(position, ranked)
    split.relevantItems.withUnsafeBufferPointer { items in
      let relevant = UnsafeBufferPointer(rebasing: items[range])
      if counts.calibration != nil {
        for item in 0..<itemCount where row[item] > -.infinity {
          counts.calibration?.add(
            probability: row[item], isPositive: relevant.contains(UInt32(item)))
        }
      }
      guard adderIndexes[position] >= 0 else { return }
      let start = Int(adderIndexes[position]) * metrics.count
      for (index, metric) in metrics.enumerated() {
        rows[start + index] = metric.value(ranked: ranked, relevant: relevant)
      }
    }
  }

  /// Leaves out every item that is no candidate.
  private func restrict(_ row: UnsafeMutableBufferPointer<Float>, to candidates: [UInt32]) {
    for (index, item) in candidates.enumerated() { candidateScores[index] = row[Int(item)] }
    row.update(repeating: -.infinity)
    for (index, item) in candidates.enumerated() { row[Int(item)] = candidateScores[index] }
  }
}
