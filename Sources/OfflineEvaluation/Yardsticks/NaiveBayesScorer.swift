internal import Foundation
internal import InteractionData
internal import RecommenderModels
internal import TensorFiles

/// Naive Bayes on holdings: a class for each item that can be taken, a binary feature for each item
/// held a month before.
///
/// Over all pairs of rows of consecutive months, `score_j = ln P(j taken) + Σ_i ln P(h_i | j taken)`
/// with one added to each count (Laplace) and `h_i` whether item `i` is held. What the same
/// customer's items share, such as `P(h)`, does not change their order and is left out.
struct NaiveBayesScorer: Scorer {
  private let itemCount: Int
  /// The score of a customer who holds nothing. `[items]`
  private let base: [Float]
  /// What holding an item changes. `[held, items]`, row-major
  private let change: [Float]

  var batchLimit: Int { 1024 }

  init(_ dataset: Dataset) {
    let itemCount = dataset.items.count
    self.itemCount = itemCount
    var taken = [Double](repeating: 0, count: itemCount)
    var together = [Double](repeating: 0, count: itemCount * itemCount)
    var pairs = 0.0
    if let panel = dataset.panel {
      for customer in 0..<dataset.customers.count {
        for row in panel.rows(of: customer).dropFirst()
        where panel.monthIndexes[row - 1] + 1 == panel.monthIndexes[row] {
          pairs += 1
          var added = panel.held[row] & ~panel.held[row - 1]
          while added != 0 {
            let item = added.trailingZeroBitCount
            added &= added - 1
            taken[item] += 1
            var held = panel.held[row - 1]
            while held != 0 {
              together[held.trailingZeroBitCount * itemCount + item] += 1
              held &= held - 1
            }
          }
        }
      }
    }
    var base = taken.map { log(($0 + 1) / (pairs + 2)) }
    var change = [Float](repeating: 0, count: itemCount * itemCount)
    for held in 0..<itemCount {
      for item in 0..<itemCount {
        let share = (together[held * itemCount + item] + 1) / (taken[item] + 2)
        base[item] += log(1 - share)
        change[held * itemCount + item] = Float(log(share) - log(1 - share))
      }
    }
    self.base = base.map { Float($0) }
    self.change = change
  }

  func score(_ histories: [CustomerHistory], into output: UnsafeMutableBufferPointer<Float>) {
    for (index, history) in histories.enumerated() {
      let row = output.extracting(index * itemCount..<(index + 1) * itemCount)
      for item in 0..<itemCount { row[item] = base[item] }
      var held = history.currentHoldings
      while held != 0 {
        let start = held.trailingZeroBitCount * itemCount
        held &= held - 1
        for item in 0..<itemCount { row[item] += change[start + item] }
      }
    }
  }
}
