internal import RecommenderRPC

/// The Swift client's agent for `clients/interop/run.py`, which says what an agent reads and writes.
struct InteropAgent {
  let client: RPCClient

  private typealias Fields = [(name: String, value: String)]

  /// Reads requests, a line each, until there are no more.
  func run() async {
    var begun: Task<Fields, any Error>?
    while let line = readLine() {
      var words = line.split(separator: " ").map(String.init)
      let begins = words.first == "begin"
      if begins { words.removeFirst() }
      let request = Request(words)
      switch request.command {
      case "cancel":
        begun?.cancel()
        await answer(begun)
      case "finish": await answer(begun)
      default:
        let client = client
        let task = Task { try await Self.call(client, request) }
        begun = task
        if begins {
          // The request leaves on another thread; what the test does to the server comes after it.
          try? await Task.sleep(for: .milliseconds(100))
          print("status=OK")
        } else {
          await answer(task)
        }
      }
      flushOutput()
    }
  }

  private func answer(_ task: Task<Fields, any Error>?) async {
    let fields: Fields
    do {
      fields = [("status", "OK")] + (try await task?.value ?? [])
    } catch let error as RPCError {
      fields = [("status", error.code.name), ("message", Self.quoted(error.message))]
    } catch {
      fields = [("status", "UNKNOWN"), ("message", Self.quoted("\(error)"))]
    }
    print(fields.map { "\($0.name)=\($0.value)" }.joined(separator: " "))
  }

  private static func call(_ client: RPCClient, _ request: Request) async throws -> Fields {
    let timeout = Duration.milliseconds(request.number("timeout_ms") ?? 30_000)
    switch request.command {
    case "recommend":
      let answer = try await client.recommend(
        user: request.text("user"), count: request.number("count"),
        excluding: request.list("exclude"), itemIndexesOnly: request.has("indexes_only"),
        softmaxScores: request.has("softmax"), timeout: timeout)
      return ranked(answer)
    case "similar":
      return ranked(
        try await client.similarItems(
          item: request.text("item"), count: request.number("count"), timeout: timeout))
    case "feedback":
      let outcomes = try await client.feedback(try request.events(), timeout: timeout)
      return feedback(outcomes)
    case "many": return try await many(client, request, timeout)
    case "describe": return description(try await client.describe(timeout: timeout))
    case "health":
      let report = try await client.health(timeout: timeout)
      return [
        ("serving", "\(report.status.rawValue)"), ("model", quoted(report.modelVersion)),
      ]
    default: return []
    }
  }

  private static func ranked(_ answer: RankedItems) -> Fields {
    [
      ("items", joined(answer.itemIDs)), ("scores", floats(answer.scores)),
      ("indexes", joined(answer.itemIndexes)), ("softmax", floats(answer.softmaxScores)),
      ("model", quoted(answer.modelVersion)), ("source", "\(answer.source.rawValue)"),
      ("recommendation", answer.recommendationID),
    ]
  }

  /// All answers of a stream, one behind the other.
  private static func many(
    _ client: RPCClient, _ request: Request, _ timeout: Duration
  ) async throws -> Fields {
    let users = Array(
      repeating: request.list("users"), count: request.number("times") ?? 1
    ).flatMap { $0 }
    let stream = client.recommendMany(
      RecommendManyRequest(
        users: users, count: request.number("count"), excluding: request.list("exclude"),
        itemIndexesOnly: request.has("indexes_only"), softmaxScores: request.has("softmax")),
      timeout: timeout)
    var answers: [RankedItems] = []
    for try await answer in stream { answers.append(answer) }
    return [
      ("answers", "\(answers.count)"), ("items", joined(answers.flatMap(\.itemIDs))),
      ("scores", floats(answers.flatMap(\.scores))),
      ("sources", joined(answers.map(\.source.rawValue))),
    ]
  }

  private static func feedback(_ outcomes: [FeedbackOutcome]) -> Fields {
    var reasons: [String] = []
    let numbers = outcomes.map { outcome in
      switch outcome {
      case .accepted:
        reasons.append("")
        return 1
      case .duplicate:
        reasons.append("")
        return 2
      case .rejected(let reason):
        reasons.append(reason)
        return 3
      }
    }
    let isAnyRejected = reasons.contains { !$0.isEmpty }
    return [("outcomes", joined(numbers)), ("reasons", isAnyRejected ? joined(reasons) : "")]
  }

  private static func description(_ answer: ServerDescription) -> Fields {
    [
      ("version", "\(answer.protocolVersion)"), ("items", joined(answer.service.itemIDs)),
      ("names", joined(answer.service.itemNames)),
      ("models", joined(answer.service.models.map(\.kind))),
      ("methods", joined(answer.methods.sorted { $0.key < $1.key }.map(\.value))),
      ("customers", "\(answer.service.customers)"), ("limit", "\(answer.limits.maxCount)"),
    ]
  }

  private static func joined(_ values: [some CustomStringConvertible]) -> String {
    values.map { quoted("\($0)") }.joined(separator: ",")
  }

  private static func floats(_ values: [Float]) -> String {
    values.map { value in
      let digits = String(value.bitPattern, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined(separator: ",")
  }

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
