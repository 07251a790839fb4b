/// The measures of similarity between two items.
///
/// `C` is how many customers had both, `n_i` and `n_j` how many had each, `N` how many there are.
/// All are 0 where `C` is below `min_cointeraction_count`.
public enum ItemSimilarity: String, CaseIterable, Sendable {
  /// `C / (n_i^(1-d) · n_j^d)` with discount `d`; the cosine at `d = 0.5`. See
  /// ``ItemCooccurrenceRecommender``.
  case cosine
  /// `C / (n_i + n_j - C)`: customers who had both among those who had either; 0...1. Jaccard 1912
  /// (doi:10.1111/j.1469-8137.1912.tb05611.x).
  case jaccard
  /// `C · N / (n_i · n_j)`: how many times more often than by chance; 0 and above, 1 by chance.
  /// Brin et al. 1997 (doi:10.1145/253260.253325). It favours rare items.
  case lift
  /// Dunning's G² of the two-by-two table, in nats times two, and 0 for pairs seen together less
  /// often than by chance. Dunning 1993, Computational Linguistics 19(1), 61–74. It is evidence
  /// that two items belong together, and so it favours items with many customers.
  case logLikelihood = "log-likelihood"

  /// Whether the number of all customers matters.
  var countsCustomers: Bool { self == .lift || self == .logLikelihood }
}

/// Which of a pair of items must have come first for the pair to be counted.
public enum CooccurrenceDirection: String, CaseIterable, Sendable {
  /// The order does not matter.
  case any
  /// `similar(i)` are items first had after the customer's first `i`; equal times do not count.
  case after
}

/// Named sets of defaults.
public enum ItemCooccurrenceProfile: String, CaseIterable, Sendable {
  /// Nothing is left out, which suits a catalogue of a few dozen products: cutting off the most
  /// common tenth would remove the current account.
  case bank
  /// The defaults of Amazon Personalize's SIMS, which leave out customers with very short and very
  /// long histories, very rare items, and the most common tenth of the items.
  case aws
}
