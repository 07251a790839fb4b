public import InteractionData
internal import LinearAlgebra
public import TensorFiles

/// Item-to-item similarity from co-occurrence (SIMS).
///
/// **Similarity.** Let customer `u` have `m_u` distinct items, each with a weight `r_ui` (1 unless
/// event weights or recency say otherwise), and let `a` be the history-length discount. Then
///
///     C_ij = Σ_u r_ui · r_uj · m_u^-a,     n_i = Σ_u r_ui²,
///     similarity(i → j) = C_ij / (n_i^(1-d) · n_j^d)
///
/// with popularity discount `d`, and 0 where fewer than `min_cointeraction_count` customers had
/// both. Without weights and `a = 0`, `C_ij` is the number of customers who had both and `n_i` of
/// those who had `i`. At `d = 0` the similarity is the share of `i`'s customers who had `j`, which
/// favours what is popular anyway; at `d = 1` the share of `j`'s customers who had `i`, which
/// favours what is rare; at `d = 0.5` the cosine of the two columns. The family is that of
/// Deshpande and Karypis 2004 (doi:10.1145/963770.963776), section 4.2, where rows of equal length
/// stand for `a`. At `a = 1` it is the walk customer–item–customer–item of RP3β by Paudel et al.
/// 2017 (doi:10.1145/2955101), up to the exponents. ``ItemSimilarity`` has the other measures.
///
/// An interaction's weight is its event type's times `2^(-age / half-life)`, age counted back from
/// the newest interaction; of several with one item the largest counts.
///
/// **Scores.** `N(j)` are the `neighbour_limit` items `i` with the largest similarity(i → j),
/// picked for each *target*. With `W_ij = similarity(i → j) / (Σ_{k ∈ N(j)} similarity(k → j))^p`
/// and target normalisation `p`,
///
///     score(u, j) = b_j + Σ_{i ∈ history(u) ∩ N(j)} W_ij,
///     b_j = n̄_j - Σ_{i ∈ N(j)} W_ij · n̄_i,
///
/// where `n̄_i` is the share of customers who had `i`; without mean-centring `b_j = 0`. At `p = 1`
/// that is the customer's share of what speaks for `j`; centred, it is how far that share exceeds
/// the average customer's, on top of `j`'s popularity. (Mean-centred neighbourhoods: Desrosiers and
/// Karypis 2011, doi:10.1007/978-0-387-85820-3_4.)
///
/// **Items without history.** An item with no counted neighbour is compared by its metadata, as
/// <doc:SimilarItems> says. The most alike stand for it in `N(j)` too, with `p = 1`, so
/// that such an item scores how much more of what is like it the customer has than the average
/// customer: a share, which seldom outdoes what customers really took together.
public struct ItemCooccurrenceRecommender: Recommender {
  /// ``RecommenderKind/sims``.
  public static let kind = RecommenderKind.sims
  /// The settings, by the names of the manifest.
  public let configuration: [String: ConfigurationValue]
  /// For each item the items most similar to it, similarities as weights.
  public let similar: NeighbourLists
  /// For each item the items that speak most for it, with the weights `W` of scores.
  public let sources: NeighbourLists
  /// Of items that nothing was counted with, the items most alike by metadata, with similarities as
  /// weights; other items' lists are empty.
  public let metadata: NeighbourLists
  /// The number of customers who had each item, of the customers and items counted. `[items]`
  public let itemCounts: Column<UInt32>
  /// The most entries all lists may have room for: their places are kept in 32 bits.
  public static let listEntryLimit = Int(UInt32.max)
  /// What every customer's score of an item starts from: `b`. `[items]`
  public let biases: Column<Float>

  /// The number of items.
  public var itemCount: Int { similar.itemCount }
  /// The number of stored weights.
  public var parameterCount: Int {
    similar.weights.count + sources.weights.count + metadata.weights.count
  }

  /// Counts a dataset.
  ///
  /// - Parameters:
  ///   - dataset: the history to count.
  ///   - configuration: the settings.
  ///   - threadCount: the threads to use; the result is the same for any number.
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)``,
  ///   ``ModelError/unsuitableDataset(kind:reason:)`` when no customer with an item is left.
  public init(
    trainedOn dataset: Dataset, configuration: ItemCooccurrenceConfiguration = .init(),
    threadCount: Int = 1
  ) throws(ModelError) {
    try Self.validate(configuration, itemCount: dataset.items.count)
    self.init(
      try CountedPairs(dataset, configuration), dataset.items, configuration, threadCount)
  }

  /// Takes counts that were kept up to date; the model is the one that counting anew would give.
  ///
  /// - Parameters:
  ///   - counts: the counts.
  ///   - items: the items, for those nothing was counted with; nil leaves metadata aside.
  ///   - configuration: the settings; those that need the histories themselves must be off.
  ///   - threadCount: the threads to use; the result is the same for any number.
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)``,
  ///   ``ModelError/unsuitableDataset(kind:reason:)`` when nothing was counted.
  public init(
    counts: CooccurrenceCounts, items: ItemCatalogue? = nil,
    configuration: ItemCooccurrenceConfiguration = .init(), threadCount: Int = 1
  ) throws(ModelError) {
    try Self.validate(configuration, itemCount: counts.itemCount)
    guard
      configuration.keepsEverything && configuration.countsWholeInteractions
        && configuration.historyLengthDiscount == 0 && configuration.direction == .any
    else {
      throw .invalidSetting(
        name: "counts", value: "incremental",
        expected: "used with percentiles 0 and 1, direction any, and no history_length_discount, "
          + "recency_half_life_days or event_weights")
    }
    let pairs = try CountedPairs(
      rows: .sparse(counts.pairs), itemCounts: counts.itemCounts,
      customerCount: counts.customerCount)
    self.init(pairs, items, configuration, threadCount)
  }

  private init(
    _ pairs: CountedPairs, _ items: ItemCatalogue?,
    _ configuration: ItemCooccurrenceConfiguration, _ threadCount: Int
  ) {
    let lists = NeighbourListsBuilder(pairs, configuration).lists(threadCount: threadCount)
    similar = lists.similar
    let counted = lists.sources.normalized(power: configuration.targetNormalization)
    let finder = items.flatMap {
      MetadataNeighbours(
        $0, itemCounts: pairs.itemCounts, neighbourLimit: configuration.neighbourLimit)
    }
    if let finder {
      let isWanted = (0..<similar.itemCount).map {
        lists.similar.range(of: $0).isEmpty || lists.sources.range(of: $0).isEmpty
      }
      metadata = finder.lists(of: isWanted, threadCount: threadCount)
      sources = counted.filled(from: metadata.normalized(power: 1))
    } else {
      metadata = NeighbourLists(emptyFor: similar.itemCount)
      sources = counted
    }
    itemCounts = Column(pairs.itemCounts)
    biases = Self.biases(sources, pairs, isCentred: configuration.isMeanCentred)
    self.configuration = configuration.values
  }

  /// Checks settings, and that the lists of a catalogue fit.
  static func validate(
    _ configuration: ItemCooccurrenceConfiguration, itemCount: Int
  ) throws(ModelError) {
    try configuration.validate()
    guard itemCount * configuration.neighbourLimit <= listEntryLimit else {
      throw .invalidSetting(
        name: "neighbour_limit", value: "\(configuration.neighbourLimit)",
        expected: "at most \(listEntryLimit / itemCount) with \(itemCount) items")
    }
  }

  private static func biases(
    _ sources: NeighbourLists, _ pairs: CountedPairs, isCentred: Bool
  ) -> Column<Float> {
    Column(count: sources.itemCount) { biases in
      guard isCentred else { return }
      let means = pairs.itemCounts.map { Float($0) / Float(pairs.customerCount) }
      for item in 0..<sources.itemCount {
        var bias = means[item]
        for position in sources.range(of: item) {
          bias -= sources.weights[position] * means[Int(sources.neighbours[position])]
        }
        biases[item] = bias
      }
    }
  }

  /// Reads a model from its tensors; see ``Recommender/init(file:configuration:)``.
  public init(
    file: SafetensorsFile, configuration: [String: ConfigurationValue]
  ) throws(ModelError) {
    similar = try NeighbourLists(file: file, prefix: "similar")
    sources = try NeighbourLists(file: file, prefix: "sources")
    metadata =
      file.tensors["metadata.offsets"] == nil
      ? NeighbourLists(emptyFor: similar.itemCount)
      : try NeighbourLists(file: file, prefix: "metadata")
    do {
      itemCounts = try file.column(
        "item_counts", as: UInt32.self, shape: [similar.itemCount])
      biases = try file.column("biases", as: Float.self, shape: [similar.itemCount])
    } catch {
      throw .file(error)
    }
    for lists in [sources, metadata] where lists.itemCount != similar.itemCount {
      throw .catalogueMismatch(
        model: "sims", modelItems: similar.itemCount, datasetItems: lists.itemCount)
    }
    self.configuration = configuration
  }

  /// Adds the lists, counts and biases; lists by metadata only where there are any.
  public func write(into writer: inout SafetensorsWriter) {
    similar.write(into: &writer, prefix: "similar")
    sources.write(into: &writer, prefix: "sources")
    if !metadata.weights.isEmpty { metadata.write(into: &writer, prefix: "metadata") }
    writer.add("item_counts", itemCounts)
    writer.add("biases", biases)
  }

  /// Scores customers by what they have.
  public func scorer(for dataset: Dataset, targetMonth: Month) -> any Scorer {
    ItemCooccurrenceScorer(
      speaksFor: sources.transposed(), biases: biases,
      positiveEventTypes: dataset.interactions.positiveEventTypes)
  }
}
