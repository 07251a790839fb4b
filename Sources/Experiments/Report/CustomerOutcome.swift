/// What one customer was given during an experiment, and what it brought.
public struct CustomerOutcome: Sendable, Equatable {
  /// The place of the customer's arm.
  public var arm: Int
  /// How many answers the customer was given.
  public var answers: Int
  /// What they brought together.
  public var reward: Double

  /// Makes an outcome.
  public init(arm: Int, answers: Int, reward: Double) {
    self.arm = arm
    self.answers = answers
    self.reward = reward
  }
}
