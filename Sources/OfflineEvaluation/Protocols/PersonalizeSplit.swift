public import InteractionData
internal import TensorFiles

extension EvaluationSplit {
  /// The split Amazon Personalize measures its own models by: a tenth of the customers is held out
  /// of training; of their positive interactions a model sees the oldest nine tenths and must find
  /// the items of the newest tenth.
  ///
  /// Of `n ≥ 2` interactions the newest `max(1, n/10)`, rounded to nearest, are held out. An item
  /// that is also among those seen is left out of the ranking and is not relevant. Customers are
  /// drawn independently with probability 1/10; how Amazon rounds is not documented.
  ///
  /// - Parameters:
  ///   - dataset: the dataset to split.
  ///   - seed: where the choice of customers comes from.
  /// - Returns: the split; every model must be trained on its ``training``.
  /// - Throws: ``EvaluationError/nobodyToEvaluate(reason:)``.
  public static func personalize(
    of dataset: Dataset, seed: UInt64
  ) throws(EvaluationError) -> EvaluationSplit {
    let table = dataset.interactions
    let positive = table.positiveEventTypes
    var relevant: [(customer: UInt32, items: [UInt32])] = []
    var isTest = [Bool](repeating: false, count: dataset.customers.count)
    var firstHeldOut = [Int](repeating: Int.max, count: dataset.customers.count)
    for customer in 0..<dataset.customers.count {
      var generator = SeededGenerator(seed: seed, stream: UInt64(customer))
      guard generator.nextIndex(below: 10) == 0 else { continue }
      isTest[customer] = true
      let rows = dataset.positiveRows(of: customer, positive)
      guard rows.count >= 2 else { continue }
      let newest = rows.suffix(max(1, (rows.count + 5) / 10))
      firstHeldOut[customer] = newest[newest.startIndex]
      let seen = Set(rows.dropLast(newest.count).map { table.itemIndexes[$0] })
      let found = Set(newest.map { table.itemIndexes[$0] }).subtracting(seen).sorted()
      if !found.isEmpty { relevant.append((UInt32(customer), found)) }
    }
    let training = dataset.keepingInteractions { customer, _ in !isTest[customer] }
    guard !relevant.isEmpty, training.interactions.count > 0, let last = dataset.lastMonth else {
      throw .nobodyToEvaluate(
        reason: "too few customers with two different items for a tenth of them to be held out")
    }
    let visible = dataset.keepingInteractions { $1 < firstHeldOut[$0] }
    return EvaluationSplit(
      name: "personalize-\(seed)", training: training, visible: visible, targetMonth: last,
      eligibility: .twinsOnly, relevant: relevant)
  }
}
