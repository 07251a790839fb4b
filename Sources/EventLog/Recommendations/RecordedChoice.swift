/// A product that might have stood in the last place of an answer.
public struct RecordedChoice: Sendable, Equatable {
  /// The product.
  public var itemID: String
  /// The probability with which it was drawn.
  public var propensity: Float
  /// The probability of it being the best of the place, before the exploration weight cuts it, from
  /// which its propensity at any other weight follows; nil for what was believed best.
  public var matchingProbability: Float?
  /// Its score, as those of the answer.
  public var score: Float

  /// Makes a choice.
  public init(itemID: String, propensity: Float, matchingProbability: Float?, score: Float) {
    self.itemID = itemID
    self.propensity = propensity
    self.matchingProbability = matchingProbability
    self.score = score
  }
}

/// A ``RecordedChoice`` as the thread that answers has it; 16 bytes, in this order on disk.
public struct AnsweredChoice: BitwiseCopyable, Sendable {
  /// The product's place in the catalogue.
  public var itemIndex: UInt32
  /// See ``RecordedChoice/propensity``.
  public var propensity: Float
  /// See ``RecordedChoice/matchingProbability``; NaN for what is believed best.
  public var matchingProbability: Float
  /// See ``RecordedChoice/score``.
  public var score: Float

  /// Makes a choice.
  public init(
    itemIndex: UInt32 = 0, propensity: Float = 0, matchingProbability: Float = .nan,
    score: Float = 0
  ) {
    self.itemIndex = itemIndex
    self.propensity = propensity
    self.matchingProbability = matchingProbability
    self.score = score
  }
}
