/// The items that an answer was made of, in the order of another model's scores.
///
/// Only what the log names can be ranked: the slate and the menu of its last slot.
public struct RerankingPolicy: TargetPolicy {
  /// Which slots another model fills.
  public enum Reach: Sendable {
    /// All of them. The log can follow only where the slots above the last come out as served.
    case slate
    /// The last one; those above stay as served.
    case lastSlot
  }

  private let reach: Reach
  private let score: @Sendable (_ customer: Int, _ item: Int) -> Double?

  /// Makes a policy.
  ///
  /// - Parameters:
  ///   - reach: which slots it fills.
  ///   - score: the score of an item for a customer, the higher the better; nil for an item or a
  ///     customer it does not know. Both are indexes of an ``LoggedAnswers``. Answers of which it knows
  ///     no item stay as served, unknown items come last.
  public init(
    reach: Reach, score: @escaping @Sendable (_ customer: Int, _ item: Int) -> Double?
  ) {
    self.reach = reach
    self.score = score
  }

  /// The slate in the order of the scores; see `TargetPolicy`.
  public func slots(for answer: LoggedAnswer) -> [TargetSlot]? {
    guard let last = answer.slots.last else { return [] }
    var candidates = answer.slots.map(\.item)
    candidates += (answer.menu ?? []).map(\.item).filter { $0 != last.item }
    let scores = candidates.map { score(answer.customer, $0) }
    guard scores.contains(where: { $0 != nil }) else { return answer.slots(last: .asServed) }
    func isBetter(_ left: Int, _ right: Int) -> Bool {
      let (first, second) = (scores[left] ?? -.infinity, scores[right] ?? -.infinity)
      // What stood higher comes first among equals.
      return first == second ? left < right : first > second
    }
    switch reach {
    case .slate:
      return candidates.indices.sorted(by: isBetter).prefix(answer.slots.count).map {
        .chances([ItemChance(candidates[$0], 1)])
      }
    case .lastSlot:
      guard
        let best = candidates.indices.dropFirst(answer.slots.count - 1).min(by: isBetter)
      else { return nil }
      return answer.slots(last: .chances([ItemChance(candidates[best], 1)]))
    }
  }
}
