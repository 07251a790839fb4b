internal import InteractionData

/// Averages the probabilities that several networks state.
final class EnsembleScorer: Scorer {
  private let scorers: [any Scorer]

  /// The most histories in a call: as many as every network takes.
  let batchLimit: Int

  init(_ scorers: [any Scorer]) {
    self.scorers = scorers
    batchLimit = scorers.map(\.batchLimit).min() ?? 1
  }

  func score(_ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let share = 1 / Float(scorers.count)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: scores.count) { part in
      for (number, scorer) in scorers.enumerated() {
        scorer.score(histories, into: part)
        for place in scores.indices {
          scores[place] = (number == 0 ? 0 : scores[place]) + share * part[place]
        }
      }
    }
  }
}
