internal import InteractionData

/// Which customers a sequence network is trained on, and which events are kept aside.
struct SequenceSamples {
  /// A customer, and what of the history is used.
  struct Sample {
    let customer: Int
    /// Events that another one follows.
    let steps: Int
  }

  /// Those to learn from.
  private(set) var training: [Sample] = []
  /// Those whose last event is kept aside, all of it in ``Sample/steps``: it is predicted from the
  /// events before.
  private(set) var validation: [Sample] = []
  /// Events learned from, by item.
  private(set) var counts: [Double]

  /// At least so many last events are kept aside where there are twice as many customers: fewer
  /// would not tell how much to trust the network.
  static let validationMinimum = 400
  /// At most so many.
  static let validationLimit = 5000
  /// At most so many times the catalogue's size, but not less than the minimum: each needs the
  /// probabilities of all items.
  static let validationScoreLimit = 400_000_000

  /// - Throws: ``ModelError/unsuitableDataset(kind:reason:)`` when nothing can be learned from it.
  init(
    _ dataset: Dataset, _ walk: EventWalk, settings: HRNNConfiguration, seed: UInt64
  ) throws(ModelError) {
    counts = Array(repeating: 0, count: dataset.items.count)
    var events: [SequenceEvent] = []
    var all: [Sample] = []
    for customer in 0..<dataset.customers.count {
      walk.collect(dataset.history(of: customer), into: &events)
      if events.count > 1 { all.append(Sample(customer: customer, steps: events.count - 1)) }
    }
    all = Self.withinPercentiles(all, settings)
    guard !all.isEmpty else {
      throw .unsuitableDataset(
        kind: .hrnn, reason: "no customer has two events that speak for an item")
    }
    // An event must be left that another one follows.
    let eligible = all.count { $0.steps > 1 }
    let share = Self.validationShare(
      settings.validationShare, eligible: eligible, items: dataset.items.count)
    var generator = SeededGenerator(seed: seed, stream: Stream.split)
    for sample in all {
      let isKeptAside = generator.nextUnitDouble() < share && sample.steps > 1
      if isKeptAside { validation.append(sample) }
      let steps = isKeptAside ? sample.steps - 1 : sample.steps
      training.append(Sample(customer: sample.customer, steps: steps))
      walk.collect(dataset.history(of: sample.customer), into: &events)
      for event in events.prefix(steps + 1) { counts[Int(event.item)] += 1 }
    }
  }

  /// The share of the customers that have enough events whose last one is kept aside.
  static func validationShare(_ asked: Double, eligible: Int, items: Int) -> Double {
    if asked == 0 || eligible == 0 { return 0 }
    let least = min(Double(validationMinimum) / Double(eligible), 0.5)
    let most = min(validationLimit, max(validationScoreLimit / items, validationMinimum))
    return min(max(asked, least), Double(most) / Double(eligible))
  }

  private static func withinPercentiles(
    _ samples: [Sample], _ settings: HRNNConfiguration
  ) -> [Sample] {
    let low = settings.minUserHistoryLengthPercentile
    let high = settings.maxUserHistoryLengthPercentile
    if samples.isEmpty || (low <= 0 && high >= 1) { return samples }
    let lengths = samples.map(\.steps).sorted()
    let least = lengths[Int(low * Double(lengths.count - 1))]
    let most = lengths[Int((high * Double(lengths.count - 1)).rounded(.up))]
    return samples.filter { (least...most).contains($0.steps) }
  }
}
