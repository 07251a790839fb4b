internal import InteractionData

/// Averages the probabilities of several networks.
final class EnsembleScorer: Scorer {
  private let scorers: [any Scorer]
  private let itemCount: Int

  /// The most histories in a call: as many as every network takes.
  let batchLimit: Int

  init(_ scorers: [any Scorer], itemCount: Int) {
    self.scorers = scorers
    self.itemCount = itemCount
    batchLimit = scorers.map(\.batchLimit).min() ?? 1
  }

  func score(_ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let count = histories.count * itemCount
    precondition(scores.count == count, "\(scores.count) scores")
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { part in
      let share = 1 / Float(scorers.count)
      for (number, scorer) in scorers.enumerated() {
        scorer.score(histories, into: part)
        for place in 0..<count {
          scores[place] = (number == 0 ? 0 : scores[place]) + share * part[place]
        }
      }
    }
  }
}
