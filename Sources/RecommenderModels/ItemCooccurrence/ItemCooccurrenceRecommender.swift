public import InteractionData
internal import LinearAlgebra
internal import Synchronization
public import TensorFiles

/// Item-to-item similarity from co-occurrence (SIMS), with a popularity discount.
///
/// With `C_ij` the customers who had both items, `n_i` those who had item `i` and discount `d`,
///
///     similarity(i → j) = C_ij / (n_i^(1-d) · n_j^d),   0 where C_ij < min_cointeraction_count.
///
/// At `d = 0` that is the share of `i`'s customers who had `j`, which favours what is popular
/// anyway; at `d = 1` the share of `j`'s customers who had `i`, which favours what is rare; at
/// `d = 0.5` the cosine of the two columns. The family is that of Deshpande and Karypis 2004
/// (doi:10.1145/963770.963776), section 4.2.
///
/// A customer's score for item `j` is the similarity-weighted share of `j`'s best sources that the
/// customer has: `Σ_{i ∈ history ∩ N(j)} s(i → j) / Σ_{i ∈ N(j)} s(i → j)`.
public struct ItemCooccurrenceRecommender: Recommender {
  /// ``RecommenderKind/sims``.
  public static let kind = RecommenderKind.sims
  /// The settings, by the names of the manifest.
  public let configuration: [String: ConfigurationValue]
  /// For each item the items most similar to it.
  public let similar: NeighbourLists
  /// For each item the items that speak most for it, weights summing to 1.
  public let sources: NeighbourLists
  /// The number of customers who had each item. `[items]`
  public let itemCounts: Column<UInt32>

  /// The number of items.
  public var itemCount: Int { similar.itemCount }
  /// The number of stored weights.
  public var parameterCount: Int { similar.weights.count + sources.weights.count }

  /// Counts a dataset.
  ///
  /// - Parameters:
  ///   - dataset: the history to count.
  ///   - configuration: the settings.
  ///   - threadCount: the threads to use; the result is the same for any number.
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)``,
  ///   ``ModelError/unsuitableDataset(kind:reason:)`` when no customer had any item.
  public init(
    trainedOn dataset: Dataset, configuration: ItemCooccurrenceConfiguration = .init(),
    threadCount: Int = 1
  ) throws(ModelError) {
    try configuration.validate()
    let sets = CustomerItemSets(dataset)
    guard !sets.items.isEmpty else {
      throw .unsuitableDataset(kind: .sims, reason: "there is no positive interaction")
    }
    let counter = CooccurrenceCounter(sets: sets, itemCount: dataset.items.count)
    let lists = Self.lists(counter, configuration, threadCount: threadCount)
    similar = NeighbourLists(lists: lists.map(\.similar))
    sources = NeighbourLists(lists: lists.map(\.sources))
    itemCounts = Column(counter.itemCounts.map { UInt32($0) })
    self.configuration = [
      "popularity_discount_factor": .number(configuration.popularityDiscountFactor),
      "min_cointeraction_count": .integer(configuration.minimumCointeractionCount),
      "neighbour_limit": .integer(configuration.neighbourLimit),
    ]
  }

  /// Reads a model from its tensors; see ``Recommender/init(file:configuration:)``.
  public init(
    file: SafetensorsFile, configuration: [String: ConfigurationValue]
  ) throws(ModelError) {
    similar = try NeighbourLists(file: file, prefix: "similar")
    sources = try NeighbourLists(file: file, prefix: "sources")
    do {
      itemCounts = try file.column(
        "item_counts", as: UInt32.self, shape: [similar.itemCount])
    } catch {
      throw .file(error)
    }
    guard sources.itemCount == similar.itemCount else {
      throw .catalogueMismatch(
        model: "sims", modelItems: similar.itemCount, datasetItems: sources.itemCount)
    }
    self.configuration = configuration
  }

  /// Adds the lists and counts.
  public func write(into writer: inout SafetensorsWriter) {
    similar.write(into: &writer, prefix: "similar")
    sources.write(into: &writer, prefix: "sources")
    writer.add("item_counts", itemCounts)
  }

  /// Scores customers by what they have.
  public func scorer(for dataset: Dataset, targetMonth: Month) -> any Scorer {
    ItemCooccurrenceScorer(
      speaksFor: sources.transposed(), itemCount: itemCount,
      positiveEventTypes: dataset.interactions.positiveEventTypes)
  }

  private typealias List = [(item: UInt32, weight: Float)]

  private static func lists(
    _ counter: CooccurrenceCounter, _ configuration: ItemCooccurrenceConfiguration,
    threadCount: Int
  ) -> [(similar: List, sources: List)] {
    let itemCount = counter.itemCounts.count
    let chunks = Parallel.chunks(of: itemCount, chunkSize: 64)
    let results = Mutex([[(similar: List, sources: List)]](repeating: [], count: chunks.count))
    Parallel.forEach(count: chunks.count, threadCount: threadCount) { chunk in
      var scratch = [UInt32](repeating: 0, count: itemCount)
      var touched: [UInt32] = []
      var lists: [(similar: List, sources: List)] = []
      for item in chunks[chunk] {
        counter.row(of: item, scratch: &scratch, touched: &touched) { others, counts in
          lists.append(Self.lists(of: item, others, counts, counter.itemCounts, configuration))
        }
      }
      results.withLock { $0[chunk] = lists }
    }
    return results.withLock { $0.flatMap { $0 } }
  }

  private static func lists(
    of item: Int, _ others: [UInt32], _ counts: [UInt32], _ itemCounts: [Int],
    _ configuration: ItemCooccurrenceConfiguration
  ) -> (similar: List, sources: List) {
    let discount = Float(configuration.popularityDiscountFactor)
    let own = Float(itemCounts[item])
    var similar: List = []
    var sources: List = []
    for other in others where Int(other) != item {
      let count = counts[Int(other)]
      guard count >= max(configuration.minimumCointeractionCount, 1) else { continue }
      let theirs = Float(itemCounts[Int(other)])
      let cooccurrence = Float(count)
      similar.append(
        (other, cooccurrence / (own.power(1 - discount) * theirs.power(discount))))
      sources.append(
        (other, cooccurrence / (theirs.power(1 - discount) * own.power(discount))))
    }
    func best(_ list: List) -> List {
      Array(
        list.sorted { ($1.weight, $0.item) < ($0.weight, $1.item) }
          .prefix(configuration.neighbourLimit))
    }
    let bestSources = best(sources)
    let total = bestSources.reduce(0) { $0 + $1.weight }
    return (best(similar), bestSources.map { ($0.item, $0.weight / total) })
  }
}
