internal import InteractionData
internal import TensorFiles

/// Which items are compared with one at all: every other item of a small catalogue, of a large one
/// those that an inverted index names.
///
/// Past ``candidateLimit`` items, an item's candidates are those of the same text in some attribute
/// (``postingLimit`` of them at most), the ``nearestLimit`` nearest on either side in each number,
/// and then those of each of its categories, the rarest category first (``postingLimit`` each),
/// until ``candidateLimit`` are found. Among more than that, those had by most customers are taken.
/// So the work is items × ``candidateLimit``, not items².
struct MetadataCandidates {
  /// The most items one is compared with; catalogues up to this size are compared exactly.
  static let candidateLimit = 2048
  /// The most items taken from one text or category.
  static let postingLimit = 512
  /// The most items taken on either side of a number.
  static let nearestLimit = 128

  /// The items by how many customers had them, most first; ties to the lower index. `[items]`
  let ranked: [UInt32]
  /// Where each item stands in ``ranked``. `[items]`
  let ranks: [UInt32]
  private let limit: Int
  private let categorical: [CategoricalPostings]
  private let numeric: [NumericOrder]

  private struct CategoricalPostings {
    let feature: CategoricalFeature
    /// The items of each text, and of each category, best ranked first.
    var byText: [[UInt32]]
    var byCategory: [[UInt32]]
  }

  private struct NumericOrder {
    /// The items with a known number, ascending by it; ties by rank.
    let items: [UInt32]
    /// Where each item stands in ``items``. `[items]`
    let places: [UInt32]
  }

  /// Orders a catalogue; `limit` is ``candidateLimit`` but for tests.
  init(
    _ similarity: MetadataSimilarity, itemCounts: [UInt32], limit: Int = Self.candidateLimit
  ) {
    self.limit = limit
    let ranked = itemCounts.indices.map { UInt32($0) }.sorted {
      (itemCounts[Int($1)], $0) < (itemCounts[Int($0)], $1)
    }
    var ranks = [UInt32](repeating: 0, count: ranked.count)
    for (rank, item) in ranked.enumerated() { ranks[Int(item)] = UInt32(rank) }
    self.ranked = ranked
    self.ranks = ranks
    guard ranked.count > limit else {
      categorical = []
      numeric = []
      return
    }
    categorical = similarity.categorical.map { Self.postings($0, ranked) }
    numeric = similarity.numeric.map { Self.order($0, ranks) }
  }

  private static func postings(
    _ feature: CategoricalFeature, _ ranked: [UInt32]
  ) -> CategoricalPostings {
    var postings = CategoricalPostings(
      feature: feature,
      byText: [[UInt32]](repeating: [], count: feature.categoriesByCode.count),
      byCategory: [[UInt32]](repeating: [], count: feature.weights.count))
    for item in ranked {
      let code = feature.codes[Int(item)]
      if code == AttributeColumn.missingCode { continue }
      if postings.byText[Int(code)].count < postingLimit {
        postings.byText[Int(code)].append(item)
      }
      for category in feature.categoriesByCode[Int(code)]
      where postings.byCategory[Int(category)].count < postingLimit {
        postings.byCategory[Int(category)].append(item)
      }
    }
    return postings
  }

  private static func order(_ feature: NumericFeature, _ ranks: [UInt32]) -> NumericOrder {
    let items = ranks.indices.filter { feature.isKnown($0) }.sorted {
      (feature.numbers[$0], ranks[$0]) < (feature.numbers[$1], ranks[$1])
    }
    var places = [UInt32](repeating: 0, count: ranks.count)
    for (place, item) in items.enumerated() { places[item] = UInt32(place) }
    return NumericOrder(items: items.map { UInt32($0) }, places: places)
  }

  /// Hands over each candidate of an item once, never the item itself.
  ///
  /// - Parameters:
  ///   - item: the item.
  ///   - seen: scratch, all false before and after. `[items]`
  ///   - use: called for each candidate.
  func forEach(of item: Int, seen: inout [Bool], _ use: (Int) -> Void) {
    if ranked.count <= limit {
      for other in ranked.indices where other != item { use(other) }
      return
    }
    var found: [Int] = []
    seen[item] = true
    func add(_ items: some Sequence<UInt32>, _ seen: inout [Bool]) {
      for other in items where found.count < limit && !seen[Int(other)] {
        seen[Int(other)] = true
        found.append(Int(other))
      }
    }
    for postings in categorical where postings.feature.isKnown(item) {
      add(postings.byText[Int(postings.feature.codes[item])], &seen)
    }
    for order in numeric {
      let place = Int(order.places[item])
      guard place < order.items.count, order.items[place] == item else { continue }
      add(order.items[max(0, place - Self.nearestLimit)..<place], &seen)
      add(order.items[place...].prefix(Self.nearestLimit + 1), &seen)
    }
    let categories = categorical.indices.flatMap { column in
      categorical[column].feature.categories(of: item).map { (column: column, category: Int($0)) }
    }.sorted {
      let left = categorical[$0.column].feature.itemCounts[$0.category]
      let right = categorical[$1.column].feature.itemCounts[$1.category]
      return (left, $0.column, $0.category) < (right, $1.column, $1.category)
    }
    for (column, category) in categories
    where categorical[column].feature.weights[category] > 0 {
      add(categorical[column].byCategory[category], &seen)
    }
    seen[item] = false
    for other in found {
      seen[other] = false
      use(other)
    }
  }
}
