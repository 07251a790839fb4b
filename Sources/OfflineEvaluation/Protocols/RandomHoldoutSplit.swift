public import InteractionData
internal import TensorFiles

extension EvaluationSplit {
  /// Holds out a random part of each customer's items: of `n ≥ 2` different items,
  /// `max(1, ⌊share · n⌋)`, with every interaction the customer had with them.
  ///
  /// - Parameters:
  ///   - dataset: the dataset to split.
  ///   - share: the part to hold out, above 0 and at most 0.9.
  ///   - seed: where the choice comes from; it does not depend on other customers.
  /// - Returns: the split; every model must be trained on its ``training``.
  /// - Throws: ``EvaluationError/nobodyToEvaluate(reason:)``,
  ///   ``EvaluationError/invalidOption(name:value:expected:)``.
  public static func randomHoldout(
    of dataset: Dataset, share: Double = 0.2, seed: UInt64
  ) throws(EvaluationError) -> EvaluationSplit {
    guard share > 0, share <= 0.9 else {
      throw .invalidOption(
        name: "holdout-share", value: "\(share)", expected: "above 0 and at most 0.9")
    }
    let positive = dataset.interactions.positiveEventTypes
    let table = dataset.interactions
    var relevant: [(customer: UInt32, items: [UInt32])] = []
    var tooFew = 0
    var heldOut: [Set<UInt32>] = Array(repeating: [], count: dataset.customers.count)
    for customer in 0..<dataset.customers.count {
      let rows = dataset.positiveRows(of: customer, positive)
      var items = Array(Set(rows.map { table.itemIndexes[$0] })).sorted()
      guard items.count >= 2 else {
        tooFew += 1
        continue
      }
      var generator = SeededGenerator(seed: seed, stream: UInt64(customer))
      // 0.29 · 100 is 28.999… in binary and means 29.
      let count = max(1, Int(share * Double(items.count) + 1e-9))
      // The first places of a Fisher and Yates shuffle.
      for place in 0..<count {
        items.swapAt(place, place + generator.nextIndex(below: items.count - place))
      }
      heldOut[customer] = Set(items[..<count])
      relevant.append((UInt32(customer), items[..<count].sorted()))
    }
    guard !relevant.isEmpty, let last = dataset.lastMonth else {
      throw .nobodyToEvaluate(reason: "no customer has two different items")
    }
    let training = dataset.keepingInteractions { customer, row in
      !heldOut[customer].contains(table.itemIndexes[row])
    }
    return EvaluationSplit(
      name: "random-holdout-\(share)-\(seed)", training: training, targetMonth: last,
      eligibility: .twinsOnly, relevant: relevant, leftOut: [.tooLittleHistory: tooFew])
  }
}
