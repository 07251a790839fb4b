internal import Foundation

/// Turns the counts of a pair into its similarity.
struct SimilarityFormula {
  let similarity: ItemSimilarity
  /// What each item counts. `[items]`
  let masses: [Double]
  /// How many customers there are.
  let customerCount: Double
  /// Of the cosine, what an item contributes as the one asked about: `n^-(1-d)`. `[items]`
  let sourceFactors: [Double]
  /// Of the cosine, what an item contributes as the one found: `n^-d`. `[items]`
  let targetFactors: [Double]

  init(_ pairs: CountedPairs, _ configuration: ItemCooccurrenceConfiguration) {
    similarity = configuration.similarity
    masses = pairs.itemMasses
    customerCount = Double(pairs.customerCount)
    let discount = configuration.popularityDiscountFactor
    sourceFactors = Self.factors(masses, 1 - discount)
    targetFactors = discount == 0.5 ? sourceFactors : Self.factors(masses, discount)
  }

  private static func factors(_ masses: [Double], _ exponent: Double) -> [Double] {
    masses.map { $0 > 0 ? 1 / (exponent == 0.5 ? $0.squareRoot() : pow($0, exponent)) : 0 }
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
