internal import Foundation
internal import InteractionData
internal import RecommenderModels

/// Item similarity by its definition: every pair, every customer, in double precision.
///
/// Customers are lists of items, one a day, as in `DatasetFixture.interactions`.
struct NaiveCooccurrence {
  let itemCount: Int
  let customers: [[Int]]
  let configuration: ItemCooccurrenceConfiguration

  private var newestDay: Int { (customers.map(\.count).max() ?? 1) - 1 }

  /// What a customer's interaction with an item counts; nil without one.
  private func weight(_ customer: [Int], _ item: Int) -> Double? {
    guard let day = customer.lastIndex(of: item) else { return nil }
    let halfLife = configuration.recencyHalfLifeDays
    return halfLife == 0 ? 1 : exp2(-Double(newestDay - day) / halfLife)
  }

  private func isCounted(_ customer: [Int], _ first: Int, _ second: Int) -> Bool {
    guard let one = customer.firstIndex(of: first), let two = customer.firstIndex(of: second)
    else { return false }
    return configuration.direction == .any || one < two
  }

  /// The similarity of an item to another, by the doc comment's formula.
  func similarity(_ first: Int, _ second: Int) -> Double {
    let both = customers.filter { isCounted($0, first, second) }
    guard first != second, both.count >= max(configuration.minimumCointeractionCount, 1) else {
      return 0
    }
    func mass(_ item: Int) -> Double {
      customers.reduce(0) { $0 + pow(weight($1, item) ?? 0, 2) }
    }
    let pair = both.reduce(0.0) {
      $0 + (weight($1, first) ?? 0) * (weight($1, second) ?? 0)
        * pow(Double(Set($1).count), -configuration.historyLengthDiscount)
    }
    let (one, two) = (mass(first), mass(second))
    let all = Double(customers.count { !$0.isEmpty })
    let discount = configuration.popularityDiscountFactor
    switch configuration.similarity {
    case .cosine: return pair / (pow(one, 1 - discount) * pow(two, discount))
    case .jaccard: return pair / (one + two - pair)
    case .lift: return pair * all / (one * two)
    case .logLikelihood:
      if pair * all <= one * two { return 0 }
      // The textbook form: 2 Σ observed · ln(observed / expected).
      let cells = [
        (pair, one * two), (one - pair, one * (all - two)), (two - pair, (all - one) * two),
        (all - one - two + pair, (all - one) * (all - two)),
      ]
      return 2 * cells.reduce(0) { $0 + ($1.0 > 0 ? $1.0 * log($1.0 * all / $1.1) : 0) }
    }
  }

  /// The largest similarities from an item, or to it.
  func best(_ item: Int, isSource: Bool) -> [Double] {
    Array(
      (0..<itemCount).map { isSource ? similarity(item, $0) : similarity($0, item) }
        .filter { $0 > 0 }.sorted(by: >).prefix(configuration.neighbourLimit))
  }
}
