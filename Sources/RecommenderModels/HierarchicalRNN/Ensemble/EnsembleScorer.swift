internal import Foundation
internal import InteractionData

/// Averages what several networks say.
///
/// Probabilities are averaged as they are. Logits of the next event become shares of a softmax
/// first, and the answer is the logarithm of their mean, so that it is a logit again.
final class EnsembleScorer: Scorer {
  private let scorers: [any Scorer]
  private let itemCount: Int
  private let areProbabilities: Bool

  /// The most histories in a call: as many as every network takes.
  let batchLimit: Int

  init(_ scorers: [any Scorer], itemCount: Int, areProbabilities: Bool) {
    self.scorers = scorers
    self.itemCount = itemCount
    self.areProbabilities = areProbabilities
    batchLimit = scorers.map(\.batchLimit).min() ?? 1
  }

  func score(_ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let count = histories.count * itemCount
    precondition(scores.count == count, "\(scores.count) scores")
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { part in
      let share = 1 / Float(scorers.count)
      for (number, scorer) in scorers.enumerated() {
        scorer.score(histories, into: part)
        if !areProbabilities { normalise(part, rows: histories.count) }
        for place in 0..<count {
          scores[place] = (number == 0 ? 0 : scores[place]) + share * part[place]
        }
      }
    }
    if areProbabilities { return }
    // Shares too small for a float keep a finite logit.
    for place in 0..<count { scores[place] = log(max(scores[place], .leastNormalMagnitude)) }
  }

  /// Turns each row of logits into the shares of a softmax.
  private func normalise(_ rows: UnsafeMutableBufferPointer<Float>, rows count: Int) {
    for start in stride(from: 0, to: count * itemCount, by: itemCount) {
      let range = start..<start + itemCount
      let maximum = range.reduce(-Float.infinity) { max($0, rows[$1]) }
      var sum: Float = 0
      for place in range {
        rows[place] = exp(rows[place] - maximum)
        sum += rows[place]
      }
      for place in range { rows[place] /= sum }
    }
  }
}
