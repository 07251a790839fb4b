public import InteractionData
internal import TensorFiles

extension EvaluationSplit {
  /// The split Amazon Personalize measures its own models by: a tenth of the customers is held out
  /// of training; of their positive interactions a model sees the oldest nine tenths and must find
  /// the items of the newest tenth.
  ///
  /// Of the `n` customers with a positive interaction exactly `max(1, n/10)`, rounded to nearest,
  /// are held out with all they did, and all other customers are learned from. Of a held-out
  /// customer's `m ≥ 2` interactions the newest `max(1, m/10)`, rounded to nearest, are to be
  /// found. An item that is also among those seen is left out of the ranking and is not relevant.
  /// How Amazon rounds is not documented.
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
    let isTest = drawTenth(of: dataset, positive, seed: seed)
    var relevant: [(customer: UInt32, items: [UInt32])] = []
    var leftOut: [Exclusion.Reason: Int] = [:]
    var firstHeldOut = [Int](repeating: Int.max, count: dataset.customers.count)
    for customer in 0..<dataset.customers.count where isTest[customer] {
      let rows = dataset.positiveRows(of: customer, positive)
      guard rows.count >= 2 else {
        leftOut[.tooLittleHistory, default: 0] += 1
        continue
      }
      let newest = rows.suffix(tenth(of: rows.count))
      firstHeldOut[customer] = newest[newest.startIndex]
      let seen = Set(rows.dropLast(newest.count).map { table.itemIndexes[$0] })
      let found = Set(newest.map { table.itemIndexes[$0] }).subtracting(seen).sorted()
      if found.isEmpty {
        leftOut[.hadBefore, default: 0] += 1
      } else {
        relevant.append((UInt32(customer), found))
      }
    }
    let training = dataset.keepingInteractions { customer, _ in !isTest[customer] }
    guard !relevant.isEmpty, training.interactions.count > 0, let last = dataset.lastMonth else {
      throw .nobodyToEvaluate(
        reason: "too few customers with two different items for a tenth of them to be held out")
    }
    let visible = dataset.keepingInteractions { $1 < firstHeldOut[$0] }
    return EvaluationSplit(
      name: "personalize-tenth-\(seed)", training: training, visible: visible, targetMonth: last,
      eligibility: .twinsOnly, relevant: relevant, leftOut: leftOut)
  }

  private static func tenth(of count: Int) -> Int { max(1, (count + 5) / 10) }

  /// For each customer, whether it is in the tenth: the first places of a Fisher and Yates shuffle.
  private static func drawTenth(
    of dataset: Dataset, _ positive: [Bool], seed: UInt64
  ) -> [Bool] {
    var customers = (0..<dataset.customers.count).filter { customer in
      dataset.interactions.rows(of: customer).contains {
        positive[Int(dataset.interactions.eventTypes[$0])]
      }
    }
    var isTest = [Bool](repeating: false, count: dataset.customers.count)
    guard !customers.isEmpty else { return isTest }
    var generator = SeededGenerator(seed: seed)
    for place in 0..<tenth(of: customers.count) {
      customers.swapAt(place, place + generator.nextIndex(below: customers.count - place))
      isTest[customers[place]] = true
    }
    return isTest
  }
}
