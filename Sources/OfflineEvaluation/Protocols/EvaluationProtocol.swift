/// How history is split into what a model may see and what it must find.
public enum EvaluationProtocol: String, CaseIterable, Sendable {
  /// The last month is held out; relevant is what a customer took in it.
  case nextMonth = "next-month"
  /// Each customer's newest interaction is held out.
  case leaveLastOut = "leave-last-out"
  /// A file holds interactions of the same customers that the dataset does not.
  case givenTest = "given-test"
  /// A file holds beginnings of sessions, and the item that came next in each.
  case sessionPrefix = "session-prefix"
  /// A random part of each customer's items is held out.
  case randomHoldout = "random-holdout"
  /// A tenth of the customers is held out; a model sees the oldest nine tenths of their history.
  case personalize
  /// A file holds the probabilities of what happens in the month after the last.
  case knownHazards = "known-hazards"
}
