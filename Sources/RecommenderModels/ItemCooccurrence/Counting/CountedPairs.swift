internal import Foundation
internal import InteractionData

/// What was counted: how many customers there are, had each item, and had each pair.
struct CountedPairs {
  /// Where rows come from.
  enum Rows {
    /// Counted when asked for, from the customers' sets.
    case postings(
      sets: CustomerItemSets, entryWeights: [Double], forward: ItemPostings,
      backward: ItemPostings?)
    /// Read from a small matrix.
    case dense(DensePairs)
    /// Read from counts that were kept up to date.
    case sparse(SparsePairs)
  }

  let rows: Rows
  /// How many customers had each item. `[items]`
  let itemCounts: [UInt32]
  /// What those customers count: the sum of squared weights. `[items]`
  let itemMasses: [Double]
  /// How many customers had any item.
  let customerCount: Int
  /// Who and what was left out; nil when nothing was.
  private let filter: PercentileFilter?

  /// Whether an item is counted.
  func keepsItem(_ item: Int) -> Bool { filter?.keptItems[item] ?? true }

  /// Whether customers of so many distinct items are counted.
  func keepsLength(_ length: Int) -> Bool { filter?.lengths.contains(length) ?? true }

  /// Whether sums are kept beside counts.
  var isWeighted: Bool {
    switch rows {
    case .postings(_, let entryWeights, _, _): !entryWeights.isEmpty
    case .dense(let pairs): !pairs.sums.isEmpty
    case .sparse: false
    }
  }

  /// Writes one row into scratch.
  ///
  /// - Parameters:
  ///   - row: zeros.
  ///   - item: the row's item.
  ///   - isBackward: whether the item is the second of each pair rather than the first.
  func fill(_ row: CooccurrenceRow, item: Int, backward isBackward: Bool) {
    switch rows {
    case .postings(let sets, let entryWeights, let forward, let backward):
      let postings = isBackward ? backward ?? forward : forward
      sets.items.withUnsafeBufferPointer { items in
        guard let items = items.baseAddress else { return }
        entryWeights.withUnsafeBufferPointer { weights in
          if entryWeights.isEmpty {
            row.count(item, postings, items: items)
          } else if let weights = weights.baseAddress {
            row.count(item, postings, items: items, entryWeights: weights)
          }
        }
      }
    case .dense(let pairs): pairs.fill(row, item: item)
    case .sparse(let pairs): pairs.fill(row, item: item)
    }
  }

  /// Counts a dataset.
  ///
  /// - Throws: ``ModelError/unsuitableDataset(kind:reason:)`` when nothing is left to count,
  ///   ``ModelError/invalidSetting(name:value:expected:)`` for weights of unknown event types.
  init(_ dataset: Dataset, _ configuration: ItemCooccurrenceConfiguration) throws(ModelError) {
    if dataset.items.count <= DensePairs.itemLimit && configuration.countsWholeInteractions
      && configuration.direction == .any
    {
      try self.init(
        distinct: DistinctItemSets(dataset.interactions), itemCount: dataset.items.count,
        configuration)
    } else {
      try self.init(
        CustomerItemSets(dataset, configuration), itemCount: dataset.items.count, configuration)
    }
  }

  init(
    distinct sets: DistinctItemSets, itemCount: Int, _ configuration: ItemCooccurrenceConfiguration
  ) throws(ModelError) {
    let lengths = sets.customersByLength
    let filter = PercentileFilter(
      customersByLength: lengths, itemCounts: sets.itemCounts(itemCount), configuration)
    let pairs = DensePairs(
      sets, filter: filter, discount: configuration.historyLengthDiscount)
    self.filter = configuration.keepsEverything ? nil : filter
    var keptBits: UInt64 = 0
    for (item, isKept) in filter.keptItems.enumerated() where isKept { keptBits |= 1 << item }
    itemCounts = pairs.itemCounts
    itemMasses = itemCounts.map { Double($0) }
    customerCount = sets.pairs.reduce(0) {
      $0 + (filter.lengths.contains($1.0.nonzeroBitCount) && $1.0 & keptBits != 0 ? Int($1.1) : 0)
    }
    rows = .dense(pairs)
    try requireCustomers(hadAny: lengths.contains { $0 > 0 })
  }

  init(
    _ all: CustomerItemSets, itemCount: Int, _ configuration: ItemCooccurrenceConfiguration
  ) throws(ModelError) {
    filter = configuration.keepsEverything ? nil : Self.filter(all, itemCount, configuration)
    let sets = filter.map { all.keeping(items: $0.keptItems, lengths: $0.lengths) } ?? all
    var counts = [UInt32](repeating: 0, count: itemCount)
    for item in sets.items { counts[Int(item)] += 1 }
    itemCounts = counts
    if sets.weights.isEmpty {
      itemMasses = counts.map { Double($0) }
    } else {
      var masses = [Double](repeating: 0, count: itemCount)
      for (item, weight) in zip(sets.items, sets.weights) { masses[Int(item)] += weight * weight }
      itemMasses = masses
    }
    let entryWeights = Self.entryWeights(sets, configuration.historyLengthDiscount)
    let isOrdered = configuration.direction == .after
    rows = .postings(
      sets: sets, entryWeights: entryWeights,
      forward: ItemPostings(
        sets, itemCount: itemCount, entryWeights: entryWeights, isOrdered ? .later : .all),
      backward: isOrdered
        ? ItemPostings(sets, itemCount: itemCount, entryWeights: entryWeights, .earlier) : nil)
    customerCount = (0..<sets.count).count { !sets.range(of: $0).isEmpty }
    try requireCustomers(hadAny: !all.items.isEmpty)
  }

  init(
    rows: Rows, itemCounts: [UInt32], customerCount: Int
  ) throws(ModelError) {
    self.rows = rows
    filter = nil
    self.itemCounts = itemCounts
    itemMasses = itemCounts.map { Double($0) }
    self.customerCount = customerCount
    try requireCustomers(hadAny: false)
  }

  private func requireCustomers(hadAny: Bool) throws(ModelError) {
    guard customerCount == 0 else { return }
    throw .unsuitableDataset(
      kind: .sims,
      reason: hadAny
        ? "the percentiles leave no customer with an item; lower min_user_history_length_percentile"
          + " and min_item_interaction_count_percentile or raise the max_… ones"
        : "there is no positive interaction")
  }

  private static func filter(
    _ sets: CustomerItemSets, _ itemCount: Int, _ configuration: ItemCooccurrenceConfiguration
  ) -> PercentileFilter {
    var counts = [UInt32](repeating: 0, count: itemCount)
    for item in sets.items { counts[Int(item)] += 1 }
    var byLength = [Int](repeating: 0, count: itemCount + 1)
    for customer in 0..<sets.count { byLength[sets.range(of: customer).count] += 1 }
    return PercentileFilter(
      customersByLength: byLength, itemCounts: counts, configuration)
  }

  /// What each entry counts, such that the product of a customer's two entries is what the customer
  /// adds to that pair: the weights, each times `length^(-discount/2)`.
  private static func entryWeights(_ sets: CustomerItemSets, _ discount: Double) -> [Double] {
    if discount == 0 { return sets.weights }
    var weights =
      sets.weights.isEmpty
      ? [Double](repeating: 1, count: sets.items.count) : sets.weights
    for customer in 0..<sets.count {
      let range = sets.range(of: customer)
      let factor = pow(Double(range.count), -discount / 2)
      for entry in range { weights[entry] *= factor }
    }
    return weights
  }
}
