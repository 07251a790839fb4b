internal import Foundation
public import InteractionData
internal import LinearAlgebra
public import RecommenderModels
internal import Synchronization

/// Measures models against hazards that are known, as those of an invented bank are.
///
/// Figures are expectations over what may happen: no month is drawn, so that two models differ by
/// nothing but what they say.
public struct HazardEvaluator: Sendable {
  /// The split whose customers are ranked for: all that the hazards speak of, in the month after the
  /// dataset's last, with nothing held out.
  public let split: EvaluationSplit
  private let hazards: CustomerItemTable
  private let k: Int
  private let threadCount: Int

  /// Makes an evaluator.
  ///
  /// - Parameters:
  ///   - dataset: the history.
  ///   - hazards: for each customer and item the probability of being taken in the month after.
  ///   - k: the length of the lists, 1 to ``Evaluator/kLimit``.
  ///   - threadCount: the threads to use; the figures are the same for any number.
  /// - Throws: ``EvaluationError`` when the dataset is empty or k is outside its range.
  public init(
    dataset: Dataset, hazards: CustomerItemTable, k: Int, threadCount: Int
  ) throws(EvaluationError) {
    guard let last = dataset.lastMonth else {
      throw .nobodyToEvaluate(reason: "the dataset is empty")
    }
    guard (1...Evaluator.kLimit).contains(k) else {
      throw .invalidK(value: k, limit: Evaluator.kLimit)
    }
    split = EvaluationSplit(
      name: "known-hazards", training: dataset, targetMonth: last.advanced(by: 1),
      eligibility: .wholeDataset, relevant: hazards.customers.map { ($0, []) })
    self.hazards = hazards
    self.k = k
    self.threadCount = threadCount
  }

  /// What the hazards themselves reach: no model can do better.
  public func oracle() -> HazardFigures {
    figures(of: FileScorer(hazards), isProbability: true)
  }

  /// Measures a scorer of the split's customers.
  ///
  /// - Parameters:
  ///   - scorer: the scorer.
  ///   - isProbability: whether scores are probabilities of being taken.
  /// - Returns: the figures.
  public func figures(of scorer: any Scorer, isProbability: Bool) -> HazardFigures {
    let batchSize = ScoringBatch.size(for: scorer, itemCount: hazards.itemCount)
    let chunks = Parallel.chunks(of: hazards.customers.count, chunkSize: batchSize)
    // Each chunk has a place of its own, and they are summed in order: threads change no bit.
    let parts = Mutex([Part?](repeating: nil, count: chunks.count))
    let workers = max(1, min(threadCount, chunks.count))
    let next = Atomic<Int>(0)
    Parallel.forEach(count: workers, threadCount: workers) { _ in
      let pass = Pass(evaluator: self, scorer: scorer, batchSize: batchSize, isProbability)
      while true {
        let chunk = next.add(1, ordering: .relaxed).oldValue
        if chunk >= chunks.count { break }
        let part = pass.run(chunks[chunk])
        parts.withLock { $0[chunk] = part }
      }
    }
    let ordered = parts.withLock { $0.compactMap { $0 } }
    let precision = ordered.reduce(0) { $0 + $1.precision }
    return HazardFigures(
      customers: hazards.customers.count,
      meanAveragePrecision: precision / Double(hazards.customers.count),
      calibration: isProbability ? .init(pairs: ordered.flatMap(\.pairs)) : nil)
  }

  fileprivate struct Pair: Sendable {
    let probability: Float
    let hazard: Float
  }

  private struct Part: Sendable {
    var precision = 0.0
    var pairs: [Pair] = []
  }

  /// One thread's way through batches of customers.
  private final class Pass {
    private let evaluator: HazardEvaluator
    private let scorer: any Scorer
    private let isProbability: Bool
    private let scores: UnsafeMutableBufferPointer<Float>
    private let list: UnsafeMutableBufferPointer<UInt32>
    private let positiveEventTypes: [Bool]
    private var expected: ExpectedPrecision

    init(
      evaluator: HazardEvaluator, scorer: any Scorer, batchSize: Int, _ isProbability: Bool
    ) {
      self.evaluator = evaluator
      self.scorer = scorer
      self.isProbability = isProbability
      scores = .allocate(capacity: batchSize * evaluator.hazards.itemCount)
      scores.initialize(repeating: 0)
      list = .allocate(capacity: min(evaluator.k, evaluator.hazards.itemCount))
      list.initialize(repeating: 0)
      positiveEventTypes = evaluator.split.visible.interactions.positiveEventTypes
      expected = ExpectedPrecision(k: evaluator.k)
    }

    deinit {
      scores.deallocate()
      list.deallocate()
    }

    func run(_ places: Range<Int>) -> Part {
      let (hazards, visible) = (evaluator.hazards, evaluator.split.visible)
      let itemCount = hazards.itemCount
      let histories = places.map { visible.history(of: Int(hazards.customers[$0])) }
      let batch = scores.extracting(0..<places.count * itemCount)
      scorer.score(histories, into: batch)
      var part = Part()
      for (index, place) in places.enumerated() {
        let row = batch.extracting(index * itemCount..<(index + 1) * itemCount)
        CandidateMask.apply(
          to: row, history: histories[index], hasPanel: visible.panel != nil,
          positiveEventTypes: positiveEventTypes)
        let known = hazards.row(place)
        let length = TopK.select(UnsafeBufferPointer(row), into: list)
        part.precision += expected(
          ranked: UnsafeBufferPointer(rebasing: list[..<length]), hazards: known)
        guard isProbability else { continue }
        for item in 0..<itemCount where row[item] > -.infinity {
          part.pairs.append(
            Pair(probability: row[item], hazard: known[known.startIndex + item]))
        }
      }
      return part
    }
  }
}

extension HazardFigures.Calibration {
  private static let binCount = 20
  private static let clip = 1e-7

  /// nil without a pair.
  fileprivate init?(pairs: [HazardEvaluator.Pair]) {
    guard !pairs.isEmpty else { return nil }
    let count = Double(pairs.count)
    var (loss, predicted, hazard) = (0.0, 0.0, 0.0)
    for pair in pairs {
      let (p, h) = (Double(pair.probability), Double(pair.hazard))
      let clipped = min(max(p, Self.clip), 1 - Self.clip)
      loss -= h * log(clipped) + (1 - h) * log1p(-clipped)
      predicted += p
      hazard += h
    }
    let order = pairs.indices.sorted {
      (pairs[$0].probability, $0) < (pairs[$1].probability, $1)
    }
    var distance = 0.0
    for bin in 0..<Self.binCount {
      let range = order.count * bin / Self.binCount..<order.count * (bin + 1) / Self.binCount
      distance += abs(
        order[range].reduce(0) {
          $0 + Double(pairs[$1].probability) - Double(pairs[$1].hazard)
        })
    }
    logLoss = loss / count
    meanPredicted = predicted / count
    meanHazard = hazard / count
    relativeCalibrationError = hazard > 0 ? distance / hazard : 0
  }
}
