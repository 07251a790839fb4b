public import InteractionData
internal import TensorFiles

/// Lists of similar items kept up to date with interactions that arrive after the training.
///
/// The training's counts are taken from its dataset once; what arrives is counted beside them. An
/// interaction of a customer with a new item `x` changes the count of `x` and so the similarity of
/// every pair with `x`: the lists of `x` and of all items it was had together with are stale then,
/// and with ``ItemSimilarity/lift`` and ``ItemSimilarity/logLikelihood`` a new customer makes all
/// lists stale. Stale lists are made anew a few at a time by ``rebuild(listLimit:)``. When none is
/// stale, they are those of training anew on the dataset and all that arrived.
///
/// Three things stay as trained: the percentile filters (an item or customer left out stays out,
/// the others stay in, and customers that the dataset has no item of are counted), the weights by
/// which customers are scored, and the order of items equally alike by metadata.
///
/// **Cost.** An interaction takes as many steps as the customer has items and the item has
/// neighbours; a list as many as the item's customers have items. A list is stale once however many
/// interactions made it so: all stale lists together never cost more than counting the whole
/// catalogue on one thread. **Memory.** Catalogues of more than 64 items take 20 bytes for each of
/// the dataset's distinct interactions. What arrives takes memory for its customers and pairs only, up
/// to ``pairLimit`` different pairs, and the lists made anew up to ``listEntryLimit`` entries; past
/// these an interaction is not counted, or a list stays as it is, until the model is trained anew.
///
/// One thread at a time may use it.
public final class LiveItemSimilarity {
  /// The most interactions of a dataset of more than 64 items: their counts are held in memory.
  public static let interactionLimit = 50_000_000
  /// The most different pairs that may arrive.
  public static let pairLimit = 4_000_000
  /// The most entries of all lists made anew.
  public static let listEntryLimit = 32 << 20

  private let model: ItemCooccurrenceRecommender
  private let dataset: Dataset
  private let pairLimit: Int
  private let listEntryLimit: Int
  private let base: CountedPairs
  private let positiveEventTypes: [Bool]
  private var arrived: CooccurrenceCounts
  private var selection: NeighbourSelection
  private var isStale: [Bool]
  private var stale: [UInt32] = []
  private var staleStart = 0
  private var entryCounts: [Int: Int] = [:]
  private var entryCount = 0
  private let row: CooccurrenceRow
  private let best: BestKeys
  private lazy var metadata = MetadataNeighbours(
    dataset.items, itemCounts: model.itemCounts.array,
    neighbourLimit: selection.configuration.neighbourLimit)

  /// Counts the dataset of a model.
  ///
  /// - Parameters:
  ///   - model: the model, trained on this dataset.
  ///   - dataset: the dataset.
  ///   - interactionLimit: see ``interactionLimit``.
  ///   - pairLimit: see ``pairLimit``.
  ///   - listEntryLimit: see ``listEntryLimit``.
  /// - Throws: ``ModelError/unsuitableDataset(kind:reason:)`` for settings under which an
  ///   interaction changes more than whole counts, and for datasets over ``interactionLimit``.
  public init(
    _ model: ItemCooccurrenceRecommender, dataset: Dataset,
    interactionLimit: Int = LiveItemSimilarity.interactionLimit,
    pairLimit: Int = LiveItemSimilarity.pairLimit,
    listEntryLimit: Int = LiveItemSimilarity.listEntryLimit
  ) throws(ModelError) {
    let configuration = try ItemCooccurrenceConfiguration(values: model.configuration)
    guard
      configuration.countsWholeInteractions && configuration.historyLengthDiscount == 0
        && configuration.direction == .any
    else {
      throw .unsuitableDataset(
        kind: .sims,
        reason: "with history_length_discount, recency_half_life_days, event_weights or direction "
          + "after, lists are only as new as the training")
    }
    guard
      dataset.items.count <= DensePairs.itemLimit
        || dataset.interactions.count <= interactionLimit
    else {
      throw .unsuitableDataset(
        kind: .sims,
        reason: "with more than \(interactionLimit) interactions, lists are only as new as "
          + "the training")
    }
    self.model = model
    self.dataset = dataset
    self.pairLimit = pairLimit
    self.listEntryLimit = listEntryLimit
    base = try CountedPairs(dataset, configuration)
    positiveEventTypes = dataset.interactions.positiveEventTypes
    arrived = CooccurrenceCounts(itemCount: dataset.items.count)
    selection = NeighbourSelection(
      formula: SimilarityFormula(base, configuration), configuration: configuration)
    isStale = [Bool](repeating: false, count: dataset.items.count)
    row = CooccurrenceRow(itemCount: dataset.items.count, isWeighted: false)
    best = BestKeys(limit: configuration.neighbourLimit)
  }

  /// How many lists are to be made anew.
  public var staleCount: Int { stale.count - staleStart }

  /// Counts that a customer had an item.
  ///
  /// - Parameters:
  ///   - item: the item.
  ///   - customer: a customer's index in the dataset, or a number above for one it does not know.
  /// - Returns: whether lists are stale because of it.
  @discardableResult
  public func record(item: Int, customer: Int) -> Bool {
    guard base.keepsItem(item) else { return false }
    if !arrived.knows(customer) {
      guard let items = countedItems(of: customer) else { return false }
      arrived.adopt(items: items, customer: customer)
    }
    guard arrived.pairCount + arrived.itemCount(of: customer) <= pairLimit else { return false }
    let customerCount = arrived.customerCount
    guard arrived.record(item: item, customer: customer) else { return false }
    selection.formula.update(
      item: item, mass: base.itemMasses[item] + Double(arrived.itemCounts[item]),
      customerCount: base.customerCount + arrived.customerCount)
    markStale(item)
    if arrived.customerCount > customerCount && selection.configuration.similarity.countsCustomers {
      for other in isStale.indices { markStale(other) }
      return true
    }
    fill(item)
    let others = UnsafeBufferPointer(start: row.touched, count: row.touchedCount).sorted()
    row.clear()
    for other in others { markStale(Int(other)) }
    return true
  }

  /// Makes stale lists anew, those stale for longest first.
  ///
  /// - Parameter listLimit: the most lists.
  /// - Returns: the lists.
  public func rebuild(listLimit: Int) -> [SimilarItemList] {
    var lists: [SimilarItemList] = []
    for _ in 0..<min(listLimit, staleCount) {
      let item = Int(stale[staleStart])
      staleStart += 1
      isStale[item] = false
      if let list = list(of: item) { lists.append(list) }
    }
    if staleStart * 2 >= stale.count {
      stale.removeFirst(staleStart)
      staleStart = 0
    }
    return lists
  }

  private func markStale(_ item: Int) {
    if isStale[item] { return }
    isStale[item] = true
    stale.append(UInt32(item))
  }

  /// The items of a customer that the training counted, ascending; nil when it left the customer
  /// out.
  private func countedItems(of customer: Int) -> [UInt32]? {
    guard customer < dataset.customers.count else { return [] }
    let table = dataset.interactions
    var items: Set<UInt32> = []
    for row in table.rows(of: customer) where positiveEventTypes[Int(table.eventTypes[row])] {
      items.insert(table.itemIndexes[row])
    }
    guard items.isEmpty || base.keepsLength(items.count) else { return nil }
    return items.filter { base.keepsItem(Int($0)) }.sorted()
  }

  private func fill(_ item: Int) {
    base.fill(row, item: item, backward: false)
    for (other, count) in arrived.row(of: item) { row.add(Int(other), count: count) }
  }

  /// An item's list as of now; nil when there is no room for it.
  private func list(of item: Int) -> SimilarItemList? {
    fill(item)
    selection.select(row, item, isSource: true, into: best)
    row.clear()
    var run = NeighbourRun()
    run.append(best)
    let isByMetadata = run.items.isEmpty
    if isByMetadata, let metadata {
      run = NeighbourRun()
      metadata.append(item, to: &run, MetadataNeighbours.Space(metadata))
    }
    let before = entryCounts[item] ?? 0
    guard entryCount - before + run.items.count <= listEntryLimit else { return nil }
    entryCount += run.items.count - before
    entryCounts[item] = run.items.count
    return SimilarItemList(
      item: item, neighbours: run.items, weights: run.weights, isByMetadata: isByMetadata)
  }
}
