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
    ScoreMean.write(networks: scorers.count, into: scores) { network, part in
      scorers[network].score(
        histories, into: UnsafeMutableBufferPointer(start: part, count: scores.count))
    }
  }
}

/// The mean of what several networks say: one sum in one order, whoever asks.
enum ScoreMean {
  /// Writes the mean.
  ///
  /// - Parameters:
  ///   - networks: how many there are.
  ///   - scores: every element is written.
  ///   - write: writes a network's scores, as many.
  static func write(
    networks: Int, into scores: UnsafeMutableBufferPointer<Float>,
    _ write: (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    let share = 1 / Float(networks)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: scores.count) { part in
      guard let base = part.baseAddress else { return }
      for network in 0..<networks {
        write(network, base)
        for place in scores.indices {
          scores[place] = (network == 0 ? 0 : scores[place]) + share * part[place]
        }
      }
    }
  }
}
