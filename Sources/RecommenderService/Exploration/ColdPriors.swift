internal import Exploration
internal import InteractionData
internal import LinearAlgebra
internal import RecommenderModels

/// What is believed of a cold product before anybody has seen it, from what the model says of the
/// established ones.
///
/// For each customer `c` of a sample, a product's likes have the appeal
///
///     a(c) = Σ_j w_j p_j(c)² / Σ_j w_j p_j(c),      w_j = s_j + shrinkage / n
///
/// with the model's probabilities `p_j`, the product's similarities `s_j` by metadata, and `n`
/// established products: the mean of those like it, shrunk to the mean of all. Each weighs as much
/// as it appeals, for a new product is made for somebody, and most products are for few: the plain
/// mean would be the appeal of what nobody wants, and the product would never be tried. A line
/// through `logit a(c)` over the customers' attributes is the prior's mean, a weight for each.
struct ColdPriors: Sendable {
  /// The most customers that are looked at, evenly spread.
  static let sampleLimit = 1024
  /// What all products together weigh against the similarities.
  static let shrinkage = 1.0

  private struct Row {
    let context: [UInt8]
    let items: [Int]
    let logits: [Float]
  }

  private let schema: ContextSchema
  private let defaults: AppealPrior
  private let rows: [Row]

  /// Scores a sample of the customers.
  init(
    _ dataset: Dataset, table: ScoreTable, contexts: CustomerContexts, coldItems: [Int],
    defaults: AppealPrior
  ) {
    schema = contexts.schema
    self.defaults = defaults
    let isCold = Set(coldItems)
    let count = dataset.customers.count
    let sample = min(count, Self.sampleLimit)
    var candidates = EstablishedCandidates(itemCount: dataset.items.count)
    rows = withUnsafeTemporaryAllocation(of: Float.self, capacity: dataset.items.count) { scratch in
      (0..<sample).map { place in
        let customer = count * place / sample
        var context: [UInt8] = []
        contexts.fill(customer, into: &context)
        return table.withScores(of: customer, scratch: scratch) { scores in
          let items = candidates.select(scores, count: 1).map { Int($0) }
            .filter { !isCold.contains($0) }
          return Row(
            context: context, items: items, logits: items.map { ScoreLogits.logit(scores[$0]) })
        }
      }
    }
  }

  /// Shows the sample to a policy, which then knows what the model says of whom.
  func show(to policy: inout SlatePolicy) {
    for row in rows {
      policy.observe(
        SlateRequest(
          context: row.context, candidates: row.items, scores: row.logits.map { Double($0) },
          slotCount: 1))
    }
  }

  /// The prior of a product that is similar to those of a list.
  func prior(like similar: SimilarItemList) -> AppealPrior {
    let similarities = Dictionary(
      zip(similar.neighbours, similar.weights).map { (Int($0), Double($1)) },
      uniquingKeysWith: { first, _ in first })
    var fit = PriorFit(schema: schema)
    for row in rows where !row.items.isEmpty {
      let even = Self.shrinkage / Double(row.items.count)
      var (sum, squares) = (0.0, 0.0)
      for (item, logit) in zip(row.items, row.logits) {
        let chance = ScoreLogits.probability(Double(logit))
        let weight = (similarities[item] ?? 0) + even
        sum += weight * chance
        squares += weight * chance * chance
      }
      fit.observe(Double(ScoreLogits.logit(Float(squares / sum))), context: row.context)
    }
    return fit.prior(deviationsOf: defaults)
  }
}
