internal import RecommenderRPC

/// NAME=VALUE fields of one answer, in the order they were added.
struct InteropFields: Sendable {
  private var fields: [String] = []

  /// As they stand on one line.
  var line: String { fields.joined(separator: " ") }

  /// Adds a value that needs no quoting.
  mutating func add(_ name: String, _ value: some CustomStringConvertible) {
    fields.append("\(name)=\(value)")
  }

  /// Adds a text.
  mutating func add(_ name: String, text: String) { add(name, Self.quoted(text)) }

  /// Adds a list.
  mutating func add(_ name: String, list: [some CustomStringConvertible]) {
    add(name, list.map { Self.quoted("\($0)") }.joined(separator: ","))
  }

  /// Adds scores by their bits.
  mutating func add(_ name: String, scores: [Float]) {
    let words = scores.map { score in
      let digits = String(score.bitPattern, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }
    add(name, words.joined(separator: ","))
  }

  /// Adds all of another one's.
  mutating func add(_ other: InteropFields) { fields += other.fields }

  private static func quoted(_ text: String) -> String {
    text.utf8.map { byte in
      let character = Character(UnicodeScalar(byte))
      let isPlain =
        byte < 128 && (character.isLetter || character.isNumber || "_.-".contains(character))
      if isPlain { return String(character) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count == 1 ? "0" : "") + digits
    }.joined()
  }
}

extension InteropFields {
  init(_ answer: RankedItems) {
    add("items", list: answer.itemIDs)
    add("scores", scores: answer.scores)
    add("indexes", list: answer.itemIndexes)
    add("softmax", scores: answer.softmaxScores)
    add("model", text: answer.modelVersion)
    add("source", answer.source.rawValue)
    add("recommendation", text: answer.recommendationID)
  }

  /// All answers of a stream, one behind the other.
  init(_ answers: [RankedItems]) {
    add("answers", answers.count)
    add("items", list: answers.flatMap(\.itemIDs))
    add("scores", scores: answers.flatMap(\.scores))
    add("sources", list: answers.map(\.source.rawValue))
  }

  /// All records, one behind the other.
  init(_ records: [RecordedRecommendation]) {
    add("records", records.count)
    add("recommendation", list: records.map(\.recommendationID))
    add("times", list: records.map(\.timeMilliseconds))
    add("users", list: records.map(\.userID))
    add("models", list: records.map(\.modelVersion))
    add("sources", list: records.map(\.source.rawValue))
    add("items", list: records.flatMap(\.itemIDs))
    add("scores", scores: records.flatMap(\.scores))
    add("indexes", list: records.flatMap(\.itemIndexes))
    add("candidates", list: records.map(\.candidateCount))
    add("excluded", list: records.flatMap(\.excludedItemIDs))
    add("explored", list: records.map { $0.explored ? 1 : 0 })
  }

  init(_ outcomes: [FeedbackOutcome]) {
    let answers = outcomes.map { outcome -> (number: Int, reason: String) in
      switch outcome {
      case .accepted: (1, "")
      case .duplicate: (2, "")
      case .rejected(let reason): (3, reason)
      }
    }
    add("outcomes", list: answers.map(\.number))
    add(reasons: answers.map(\.reason))
  }

  init(_ outcomes: [PutItemOutcome]) {
    let answers = outcomes.map { outcome -> (number: Int, reason: String, index: UInt32) in
      switch outcome {
      case .created(let index): (1, "", index)
      case .updated(let index): (2, "", index)
      case .rejected(let reason): (3, reason, 0)
      }
    }
    add("outcomes", list: answers.map(\.number))
    add(reasons: answers.map(\.reason))
    add("indexes", list: answers.map(\.index))
  }

  /// On the wire there are no reasons where nothing was rejected.
  private mutating func add(reasons: [String]) {
    add("reasons", list: reasons.allSatisfy(\.isEmpty) ? [] : reasons)
  }

  init(_ report: HealthReport) {
    add("serving", report.status.rawValue)
    add("model", text: report.modelVersion)
  }

  init(_ report: StatusReport) {
    add("serving", report.status.rawValue)
    add("version", text: report.serverVersion)
    add("model", text: report.modelVersion)
    var seen: Set<String> = []
    add("samples", list: report.samples.map(\.name).filter { seen.insert($0).inserted })
    let opened = report.samples.filter { $0.name == "teller_connections_opened_total" }
    add("opened", list: opened.map { Int($0.value) })
  }

  init(_ outcome: ModelUpdateOutcome) {
    add("model", text: outcome.modelVersion)
    add("previous", text: outcome.previousModelVersion)
  }

  init(_ answer: ServerDescription) {
    add("version", answer.protocolVersion)
    add("items", list: answer.service.itemIDs)
    add("names", list: answer.service.itemNames)
    add("models", list: answer.service.models.map(\.kind))
    add("methods", list: answer.methods.sorted { $0.key < $1.key }.map(\.value))
    add("customers", answer.service.customers)
    add("limit", answer.limits.maxCount)
  }
}
