internal import Foundation
internal import InteractionData
internal import TensorFiles

/// A categorical attribute of items, its texts taken apart at `|` into categories.
///
/// Category `c`, which `n_c` of the `N` items with a known value have, weighs `ln(N / n_c)`: what
/// everyone has says nothing (Spärck Jones 1972, doi:10.1108/eb026526). Two items of category sets
/// `A` and `B` match by the weighted Jaccard coefficient
///
///     s(A, B) = Σ_{c ∈ A ∩ B} w_c / Σ_{c ∈ A ∪ B} w_c,
///
/// from 0 to 1, where equal sets match by 1.
struct CategoricalFeature {
  /// The text's code of each item; `AttributeColumn.missingCode` where nothing is known. `[items]`
  let codes: Column<UInt16>
  /// The categories of each text, ascending. `[texts]`
  let categoriesByCode: [[UInt32]]
  /// What all categories of a text weigh. `[texts]`
  let masses: [Double]
  /// What each category weighs. `[categories]`
  let weights: [Double]
  /// How many items have each category. `[categories]`
  let itemCounts: [Int]

  /// Nil when the attribute cannot tell any two items from a third: no category is had by at least
  /// two items and lacked by another one.
  init?(codes: Column<UInt16>, texts: [String]) {
    self.codes = codes
    var numbers: [String: UInt32] = [:]
    var categoriesByCode: [[UInt32]] = []
    for text in texts {
      var categories: Set<UInt32> = []
      for part in text.split(separator: "|") {
        let name = part.trimmingCharacters(in: .whitespaces)
        if name.isEmpty { continue }
        let number = numbers[name] ?? UInt32(numbers.count)
        numbers[name] = number
        categories.insert(number)
      }
      categoriesByCode.append(categories.sorted())
    }
    var counts = [Int](repeating: 0, count: numbers.count)
    var known = 0
    for code in codes.buffer where code != AttributeColumn.missingCode {
      let categories = categoriesByCode[Int(code)]
      if !categories.isEmpty { known += 1 }
      for category in categories { counts[Int(category)] += 1 }
    }
    guard counts.contains(where: { $0 > 1 && $0 < known }) else { return nil }
    let weights = counts.map { $0 > 0 ? log(Double(known) / Double($0)) : 0 }
    self.categoriesByCode = categoriesByCode
    self.weights = weights
    itemCounts = counts
    masses = categoriesByCode.map { $0.reduce(0) { $0 + weights[Int($1)] } }
  }

  /// The categories of an item; empty where nothing is known.
  func categories(of item: Int) -> [UInt32] {
    let code = codes[item]
    return code == AttributeColumn.missingCode ? [] : categoriesByCode[Int(code)]
  }

  /// Whether something is known of an item that can match another.
  func isKnown(_ item: Int) -> Bool {
    let code = codes[item]
    return code != AttributeColumn.missingCode && masses[Int(code)] > 0
  }

  /// How well two items match, 0...1; 0 where nothing is known of one.
  func match(_ first: Int, _ second: Int) -> Double {
    let (one, two) = (codes[first], codes[second])
    guard one != AttributeColumn.missingCode, two != AttributeColumn.missingCode else { return 0 }
    let left = categoriesByCode[Int(one)]
    let right = categoriesByCode[Int(two)]
    var common = 0.0
    var position = 0
    for category in left {
      while position < right.count && right[position] < category { position += 1 }
      if position < right.count && right[position] == category {
        common += weights[Int(category)]
      }
    }
    let all = masses[Int(one)] + masses[Int(two)] - common
    return all > 0 ? common / all : 0
  }
}
