/// What a model's scores are on the scale of.
public enum ScoreScale: Sendable {
  /// Each is the probability that the customer takes that item, whatever becomes of the others.
  case probability
  /// Each is a logit: their softmax is the probability of each item being the next one.
  case logit
  /// Only their order means anything.
  case ordinal
}
