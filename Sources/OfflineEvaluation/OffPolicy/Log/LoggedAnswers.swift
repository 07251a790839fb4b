/// Answers that were given, what they were drawn from, and what came of them, read from JSON lines.
///
/// The format is described in <doc:OffPolicyEvaluation>.
public struct LoggedAnswers: Sendable {
  /// The most slots of an answer.
  public static let slotLimit = 500
  /// The most items a last slot is drawn from.
  public static let menuLimit = 4608
  /// The longest line of a file, in bytes.
  public static let lineByteLimit = 1 << 20

  /// The answers, in the order of the file.
  public private(set) var answers: [LoggedAnswer] = []
  /// The customers' identifiers, in the order they come.
  public private(set) var customers: [String] = []
  /// The items' identifiers, in the order they come.
  public private(set) var items: [String] = []
  /// The models that answered.
  public private(set) var modelVersions: Set<String> = []
  /// The most one item can bring, as far as is known: 1, or the largest value in the log.
  public private(set) var rewardLimit = 1.0
  /// Events about items that the answer did not show.
  public private(set) var eventsOutsideSlates = 0
  /// Events that name no answer of the log.
  public private(set) var eventsWithoutAnswer = 0

  private var customerIndexes: [String: Int] = [:]
  private var itemIndexes: [String: Int] = [:]
  private var answerIndexes: [String: Int] = [:]

  /// Reads a log.
  ///
  /// - Parameters:
  ///   - path: the answers.
  ///   - eventsPath: further events, to be joined by `recommendation_id`.
  ///   - reward: what an item is worth.
  ///   - threadCount: the threads that decode lines.
  /// - Throws: ``EvaluationError`` with the line that cannot be used.
  public init(
    path: String, eventsPath: String? = nil, reward: RewardKind = .accepted, threadCount: Int = 1
  ) throws(EvaluationError) {
    var lines = try JSONLines<AnswerLine>(path: path, threadCount: threadCount)
    while let line = try lines.next() {
      guard answerIndexes.updateValue(answers.count, forKey: line.recommendationID) == nil else {
        throw lines.malformed("recommendation_id \"\(line.recommendationID)\" has a line already")
      }
      append(line)
      for event in line.events ?? [] { add(event, to: answers.count - 1, reward) }
    }
    guard !answers.isEmpty else {
      throw .emptyLog(path: path, reason: "no answers; log some with 'teller serve'")
    }
    if let eventsPath { try readEvents(eventsPath, reward, threadCount) }
    finish(reward)
  }

  /// Makes a log without answers, to be filled by ``append(_:recommendationID:modelVersion:)``, then
  /// ``add(_:itemID:value:recommendationID:reward:)``, then ``finish(_:)``.
  public init() {}

  /// Ends the filling: what the most is that an item can bring follows from the rewards, and answers
  /// are not looked for by their names any more.
  public mutating func finish(_ reward: RewardKind) {
    answerIndexes = [:]
    guard reward == .value else { return }
    rewardLimit = answers.reduce(0) { most, answer in
      answer.slots.reduce(most) { max($0, $1.reward) }
    }
  }

  /// Makes a log of answers in memory.
  ///
  /// - Parameters:
  ///   - answers: the answers, at least one; their indexes lie within `customers` and `items`.
  ///   - customers: the customers' identifiers.
  ///   - items: the items' identifiers.
  ///   - rewardLimit: the most one item can bring.
  public init(
    answers: [LoggedAnswer], customers: [String], items: [String], rewardLimit: Double = 1
  ) {
    precondition(!answers.isEmpty, "a log without answers")
    self.answers = answers
    self.customers = customers
    self.items = items
    self.rewardLimit = rewardLimit
    itemIndexes = Dictionary(uniqueKeysWithValues: zip(items, items.indices))
  }

  private mutating func readEvents(
    _ path: String, _ reward: RewardKind, _ threadCount: Int
  ) throws(EvaluationError) {
    var lines = try JSONLines<EventLine>(path: path, threadCount: threadCount)
    var known: Set<String> = []
    while let event = try lines.next() {
      if let name = event.eventID, !name.isEmpty, !known.insert(name).inserted { continue }
      if let answer = answerIndexes[event.recommendationID ?? ""] {
        add(event, to: answer, reward)
      } else {
        eventsWithoutAnswer += 1
      }
    }
  }

  private mutating func append(_ line: AnswerLine) {
    let customer = Self.index(of: line.userID, in: &customers, &customerIndexes)
    if let version = line.modelVersion { modelVersions.insert(version) }
    func element<Value>(_ values: [Value]?, _ place: Int) -> Value? {
      guard let values, place < values.count else { return nil }
      return values[place]
    }
    let slots = line.itemIDs.enumerated().map { place, name in
      LoggedAnswer.Slot(
        item: Self.index(of: name, in: &items, &itemIndexes),
        propensity: element(line.propensities, place) ?? 1,
        score: (element(line.scores, place) ?? nil) ?? .nan)
    }
    let menu = line.candidates?.map { candidate in
      LoggedAnswer.Choice(
        item: Self.index(of: candidate.itemID, in: &items, &itemIndexes),
        probability: candidate.propensity,
        matchingProbability: candidate.matchingProbability ?? .nan,
        score: candidate.score ?? .nan)
    }
    answers.append(
      LoggedAnswer(
        customer: customer, timeMilliseconds: line.timeMilliseconds,
        explorationWeight: line.explorationWeight, experiment: line.experiment, arm: line.arm,
        slots: slots, menu: menu))
  }

  private mutating func add(_ event: EventLine, to answer: Int, _ reward: RewardKind) {
    add(event.type, itemID: event.itemID ?? "", value: event.value, to: answer, reward)
  }

  private mutating func add(
    _ type: LoggedEventType, itemID name: String, value: Double?, to answer: Int,
    _ reward: RewardKind
  ) {
    // Events about a whole list, such as what was shown, name no item.
    guard !name.isEmpty else { return }
    guard let item = itemIndexes[name],
      let slot = answers[answer].slots.firstIndex(where: { $0.item == item })
    else {
      eventsOutsideSlates += 1
      return
    }
    let before = answers[answer].slots[slot].reward
    answers[answer].slots[slot].reward = reward.reward(
      type, value: value, after: before)
  }

  /// Takes an answer.
  ///
  /// - Parameters:
  ///   - answer: the answer; its indexes are those of ``index(addingCustomer:)`` and
  ///     ``index(addingItem:)``.
  ///   - recommendationID: its name.
  ///   - modelVersion: who answered.
  /// - Returns: false, and nothing is done, when an answer of this name is there.
  public mutating func append(
    _ answer: LoggedAnswer, recommendationID: String, modelVersion: String
  ) -> Bool {
    guard answerIndexes[recommendationID] == nil else { return false }
    answerIndexes[recommendationID] = answers.count
    answers.append(answer)
    modelVersions.insert(modelVersion)
    return true
  }

  /// Takes a response.
  ///
  /// - Parameters:
  ///   - type: what happened, as in the files: `shown`, `clicked`, `accepted`, `dismissed` or
  ///     `dropped`; anything else says nothing.
  ///   - itemID: the item; empty for a response to the whole answer, which says nothing.
  ///   - value: what came with it.
  ///   - recommendationID: the answer.
  ///   - reward: what an item is worth.
  public mutating func add(
    _ type: String, itemID: String, value: Double?, recommendationID: String, reward: RewardKind
  ) {
    guard let type = LoggedEventType(rawValue: type) else { return }
    if let answer = answerIndexes[recommendationID] {
      add(type, itemID: itemID, value: value, to: answer, reward)
    } else {
      eventsWithoutAnswer += 1
    }
  }

  /// The index of a customer, which is new when the customer is.
  public mutating func index(addingCustomer name: String) -> Int {
    Self.index(of: name, in: &customers, &customerIndexes)
  }

  /// The index of an item, which is new when the item is.
  public mutating func index(addingItem name: String) -> Int {
    Self.index(of: name, in: &items, &itemIndexes)
  }

  private static func index(
    of name: String, in names: inout [String], _ indexes: inout [String: Int]
  ) -> Int {
    if let index = indexes[name] { return index }
    indexes[name] = names.count
    names.append(name)
    return names.count - 1
  }

  /// Keeps only the answers of which something is true.
  public mutating func keep(where isKept: (LoggedAnswer) -> Bool) {
    answers.removeAll { !isKept($0) }
  }

  /// The index of an item; nil when the log does not name it.
  public func index(ofItem name: String) -> Int? { itemIndexes[name] }
}
