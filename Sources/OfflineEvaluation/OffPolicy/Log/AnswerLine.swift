/// A line of the log, as it is written.
struct AnswerLine: CheckedLine {
  struct Candidate: Decodable, Sendable {
    let itemID: String
    let propensity: Double
    let matchingProbability: Double?
    let score: Double?

    enum CodingKeys: String, CodingKey {
      case itemID = "item_id"
      case propensity
      /// What the field was called before servers recorded it.
      case probability
      case matchingProbability = "matching_probability"
      case score
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      itemID = try values.decode(String.self, forKey: .itemID)
      propensity =
        try values.decodeIfPresent(Double.self, forKey: .propensity)
        ?? values.decode(Double.self, forKey: .probability)
      matchingProbability = try values.decodeIfPresent(Double.self, forKey: .matchingProbability)
      score = try values.decodeIfPresent(Double.self, forKey: .score)
    }
  }

  let recommendationID: String
  let userID: String
  let timeMilliseconds: Int64
  let modelVersion: String?
  let itemIDs: [String]
  let scores: [Double?]?
  let propensities: [Double]?
  let explored: Bool?
  let explorationWeight: Double?
  let candidates: [Candidate]?
  let experiment: String?
  let arm: String?
  let events: [EventLine]?

  enum CodingKeys: String, CodingKey {
    case recommendationID = "recommendation_id"
    case userID = "user_id"
    case timeMilliseconds = "time_ms"
    case modelVersion = "model_version"
    case itemIDs = "item_ids"
    case scores, propensities, explored, candidates, experiment, arm, events
    case explorationWeight = "exploration_weight"
  }

  /// How far probabilities that must be equal may differ: they are logged as they went over the
  /// wire, in 32 bits.
  static let tolerance = LoggedAnswer.propensityTolerance

  /// What is wrong with the line; nil when nothing is.
  var fault: String? {
    if itemIDs.count > LoggedAnswers.slotLimit {
      return "a slate of \(itemIDs.count); at most \(LoggedAnswers.slotLimit)"
    }
    if Set(itemIDs).count != itemIDs.count { return "item_ids lists an item twice" }
    for (name, count) in [
      ("scores", scores?.count ?? 0), ("propensities", propensities?.count ?? 0),
    ]
    where count != 0 && count != itemIDs.count {
      return "\(count) \(name) for a slate of \(itemIDs.count)"
    }
    for (slot, value) in (propensities ?? []).enumerated() where !(value > 0 && value <= 1) {
      return "propensities.\(slot) is \(value); what was shown had a chance above 0 and at most 1"
    }
    if let explorationWeight, !(0...1).contains(explorationWeight) {
      return "exploration_weight is \(explorationWeight); it is from 0 to 1"
    }
    return menuFault ?? (events ?? []).lazy.compactMap(\.fault).first.map { "events: \($0)" }
  }

  private var menuFault: String? {
    guard let candidates else { return nil }
    if candidates.isEmpty {
      let drawn = propensities?.last
      return LoggedAnswer.tellsMenu(choiceCount: 0, propensity: drawn)
        ? nil
        : "candidates is empty, but what stands in the last slot was drawn: its propensity is "
          + "\(drawn ?? 1)"
    }
    guard let last = itemIDs.last else { return "candidates for an empty slate" }
    if candidates.count > LoggedAnswers.menuLimit {
      return "\(candidates.count) candidates; at most \(LoggedAnswers.menuLimit)"
    }
    let names = Set(candidates.map(\.itemID))
    if names.count != candidates.count { return "candidates list an item twice" }
    if let shown = itemIDs.dropLast().first(where: names.contains) {
      return "candidates list \"\(shown)\", which stands in a slot above the last"
    }
    for (place, candidate) in candidates.enumerated() {
      for (name, value) in [
        ("propensity", candidate.propensity),
        ("matching_probability", candidate.matchingProbability ?? 0),
      ] where !(0...1 + Self.tolerance).contains(value) {
        return "candidates.\(place).\(name) is \(value); it is from 0 to 1"
      }
    }
    let sum = candidates.reduce(0) { $0 + $1.propensity }
    if abs(sum - 1) > Self.tolerance {
      return "the propensities of candidates sum to \(sum), not to 1"
    }
    guard let drawn = candidates.first(where: { $0.itemID == last }) else {
      return "candidates lack \"\(last)\", which stands in the last slot"
    }
    let propensity = (propensities ?? []).last ?? 1
    if abs(drawn.propensity - propensity) > Self.tolerance {
      return "\"\(last)\" has propensity \(propensity) in the slate and \(drawn.propensity) "
        + "among the candidates"
    }
    if let explored, explored != (candidates[0].itemID != last) {
      return "explored is \(explored), but the last slot "
        + (explored ? "has" : "has not") + " the first of the candidates, what was believed best"
    }
    return nil
  }
}

/// A customer's response, inside a line of the log or as a line of its own.
struct EventLine: CheckedLine {
  let eventID: String?
  let recommendationID: String?
  let itemID: String?
  let type: LoggedEventType
  let value: Double?

  enum CodingKeys: String, CodingKey {
    case eventID = "event_id"
    case recommendationID = "recommendation_id"
    case itemID = "item_id"
    case type, value
  }

  /// What is wrong with the event; nil when nothing is.
  var fault: String? {
    guard let value, !(value >= 0 && value.isFinite) else { return nil }
    return "value is \(value); it is 0 or more"
  }
}
