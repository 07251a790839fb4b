/// Why an evaluation cannot be made.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
  /// The dataset spans too little time for the protocol.
  case tooFewMonths(count: Int, needed: Int)
  /// Nobody is left to evaluate.
  case nobodyToEvaluate(reason: String)
  /// k is outside its range.
  case invalidK(value: Int, limit: Int)

  /// One line that says what is wrong and how to mend it.
  public var description: String {
    switch self {
    case .tooFewMonths(let count, let needed):
      "the dataset spans \(count) month(s), holding one out needs \(needed): import more months, "
        + "or use --protocol leave-last-out"
    case .nobodyToEvaluate(let reason): "the split leaves nobody to evaluate: \(reason)"
    case .invalidK(let value, let limit): "--k is \(value), it must be from 1 to \(limit)"
    }
  }
}
