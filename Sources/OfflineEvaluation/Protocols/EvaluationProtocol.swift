/// How history is split into what a model may see and what it must find.
public enum EvaluationProtocol: String, CaseIterable, Sendable {
  /// The last month is held out; relevant is what a customer took in it.
  case nextMonth = "next-month"
  /// Each customer's newest interaction is held out.
  case leaveLastOut = "leave-last-out"
}
