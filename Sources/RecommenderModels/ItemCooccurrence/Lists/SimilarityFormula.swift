internal import Foundation

/// Turns the counts of a pair into its similarity.
struct SimilarityFormula {
  let similarity: ItemSimilarity
  private let discount: Double
  /// What each item counts. `[items]`
  private(set) var masses: [Double]
  /// How many customers there are.
  private(set) var customerCount: Double
  /// Of the cosine, what an item contributes as the one asked about: `n^-(1-d)`. `[items]`
  private(set) var sourceFactors: [Double]
  /// Of the cosine, what an item contributes as the one found: `n^-d`. `[items]`
  private(set) var targetFactors: [Double]

  init(_ pairs: CountedPairs, _ configuration: ItemCooccurrenceConfiguration) {
    similarity = configuration.similarity
    masses = pairs.itemMasses
    customerCount = Double(pairs.customerCount)
    discount = configuration.popularityDiscountFactor
    sourceFactors = Self.factors(masses, 1 - discount)
    targetFactors = discount == 0.5 ? sourceFactors : Self.factors(masses, discount)
  }

  /// Takes note that an item or a customer more was counted.
  mutating func update(item: Int, mass: Double, customerCount: Int) {
    masses[item] = mass
    sourceFactors[item] = Self.factor(mass, 1 - discount)
    targetFactors[item] = Self.factor(mass, discount)
    self.customerCount = Double(customerCount)
  }

  private static func factors(_ masses: [Double], _ exponent: Double) -> [Double] {
    masses.map { factor($0, exponent) }
  }

  private static func factor(_ mass: Double, _ exponent: Double) -> Double {
    mass > 0 ? 1 / (exponent == 0.5 ? mass.squareRoot() : pow(mass, exponent)) : 0
  }

  /// The similarity of a pair of which `sum` was counted.
  func weight(source: Int, target: Int, sum: Double) -> Float {
    let (first, second) = (masses[source], masses[target])
    switch similarity {
    case .cosine: return Float(sum * (sourceFactors[source] * targetFactors[target]))
    case .jaccard: return Float(sum / (first + second - sum))
    case .lift: return Float(sum * customerCount / (first * second))
    case .logLikelihood:
      if sum * customerCount <= first * second { return 0 }
      return Float(max(0, Self.logLikelihoodRatio(sum, first, second, customerCount)))
    }
  }

  /// Dunning's G² of a two-by-two table given by its corner and its margins.
  private static func logLikelihoodRatio(
    _ both: Double, _ first: Double, _ second: Double, _ all: Double
  ) -> Double {
    func term(_ count: Double) -> Double { count > 0 ? count * log(count) : 0 }
    let cells =
      term(both) + term(first - both) + term(second - both) + term(all - first - second + both)
    let margins = term(first) + term(all - first) + term(second) + term(all - second)
    return 2 * (cells - margins + term(all))
  }
}
