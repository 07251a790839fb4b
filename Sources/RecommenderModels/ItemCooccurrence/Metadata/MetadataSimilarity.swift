internal import InteractionData

/// How alike two items are by what is known of them, whoever had them.
///
///     similarity(i → j) = 1/|K_i| · Σ_{k ∈ K_i} s_k(i, j)
///
/// where `K_i` are the attributes known of item `i` and `s_k` is 0...1: for categories see
/// ``CategoricalFeature``, for numbers ``NumericFeature``. This is the general coefficient of Gower
/// 1971 (doi:10.2307/2528823) with equal weights, but for what is missing: an attribute that `i`
/// lacks is left out, and one that only `j` lacks is no match, for otherwise an item of which
/// little is known would be like everything. Attributes that cannot tell items apart (one value for
/// all, or another for each) are left out altogether.
struct MetadataSimilarity {
  let categorical: [CategoricalFeature]
  let numeric: [NumericFeature]

  /// Nil when the catalogue has no attribute that tells items apart.
  init?(_ catalogue: ItemCatalogue) {
    var categorical: [CategoricalFeature] = []
    var numeric: [NumericFeature] = []
    for column in catalogue.attributes.columns {
      switch column.values {
      case .categorical(let codes, let texts):
        if let feature = CategoricalFeature(codes: codes, texts: texts) {
          categorical.append(feature)
        }
      case .numeric(let numbers):
        if let feature = NumericFeature(numbers) { numeric.append(feature) }
      }
    }
    guard !categorical.isEmpty || !numeric.isEmpty else { return nil }
    self.categorical = categorical
    self.numeric = numeric
  }

  /// The similarity of an item to another, 0...1; 0 when nothing is known of the item.
  func weight(_ item: Int, _ other: Int) -> Double {
    var known = 0.0
    var sum = 0.0
    for feature in categorical where feature.isKnown(item) {
      known += 1
      sum += feature.match(item, other)
    }
    for feature in numeric where feature.isKnown(item) {
      known += 1
      sum += feature.match(item, other)
    }
    return known > 0 ? sum / known : 0
  }

  /// Whether anything is known of an item.
  func knows(_ item: Int) -> Bool {
    categorical.contains { $0.isKnown(item) } || numeric.contains { $0.isKnown(item) }
  }
}
