internal import Foundation
internal import InteractionData
internal import TensorFiles

/// Adds up what a customer's items say for every other item.
struct ItemCooccurrenceScorer: Scorer {
  /// For each item of a history, the targets it speaks for.
  let speaksFor: NeighbourLists
  /// What every customer's score of an item starts from. `[items]`
  let biases: Column<Float>
  let positiveEventTypes: [Bool]

  var batchLimit: Int { 256 }

  func score(_ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let itemCount = biases.count
    precondition(scores.count == histories.count * itemCount, "\(scores.count) scores")
    var seen = [Bool](repeating: false, count: itemCount)
    for (index, history) in histories.enumerated() {
      let row = scores.extracting(index * itemCount..<(index + 1) * itemCount)
      _ = row.update(fromContentsOf: biases.buffer)
      var distinct: [Int] = []
      for position in 0..<history.itemIndexes.count
      where positiveEventTypes[Int(history.eventTypes[position])] {
        let item = Int(history.itemIndexes[position])
        if !seen[item] {
          seen[item] = true
          distinct.append(item)
        }
      }
      // Ascending order, so that equal sets give equal sums whatever the order of events.
      for item in distinct.sorted() {
        seen[item] = false
        for position in speaksFor.range(of: item) {
          row[Int(speaksFor.neighbours[position])] += speaksFor.weights[position]
        }
      }
    }
  }
}

extension Float {
  /// This number to a power; exact at the exponents 0, 0.5 and 1.
  func power(_ exponent: Float) -> Float {
    switch exponent {
    case 0: 1
    case 0.5: squareRoot()
    case 1: self
    default: pow(self, exponent)
    }
  }
}
