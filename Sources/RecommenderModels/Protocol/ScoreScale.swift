/// What a model's scores are on the scale of.
public enum ScoreScale: Sendable {
  /// Each is the probability that the customer takes that item, whatever becomes of the others.
  case probability
  /// Each is the probability of that item being the next one: over all items they sum to 1.
  case share
  /// Only their order means anything.
  case ordinal
}
