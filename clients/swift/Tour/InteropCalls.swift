internal import RecommenderRPC

extension InteropAgent {
  /// Makes the call of a request.
  static func call(_ client: RPCClient, _ request: Request) async throws -> InteropFields {
    let timeout = Duration.milliseconds(request.number("timeout_ms") ?? 30_000)
    switch request.command {
    case "recommend":
      return InteropFields(
        try await client.recommend(
          user: request.text("user"), count: request.number("count"),
          excluding: request.list("exclude"), itemIndexesOnly: request.has("indexes_only"),
          softmaxScores: request.has("softmax"), timeout: timeout))
    case "similar":
      return InteropFields(
        try await client.similarItems(
          item: request.text("item"), count: request.number("count"), timeout: timeout))
    case "feedback":
      return InteropFields(try await client.feedback(try request.events(), timeout: timeout))
    case "put": return InteropFields(try await client.putItems(request.items(), timeout: timeout))
    case "record":
      let record = try await client.getRecommendation(request.text("id"), timeout: timeout)
      return InteropFields([record])
    case "records":
      let query = RecommendationQuery(
        userID: request.text("user"), count: request.number("count") ?? 10,
        beforeMilliseconds: Int64(request.number("before") ?? 0))
      return InteropFields(try await client.listRecommendations(query, timeout: timeout))
    case "many": return try await many(client, request, timeout)
    case "describe":
      if let first = request.number("first") {
        return InteropFields(try await client.describe(from: first, timeout: timeout))
      }
      return InteropFields(try await client.describe(timeout: timeout))
    case "health": return InteropFields(try await client.health(timeout: timeout))
    case "status": return InteropFields(try await client.status(timeout: timeout))
    case "update":
      return InteropFields(try await client.updateModels(try request.update(), timeout: timeout))
    case "ping":
      _ = try await client.ping(timeout: timeout)
      return InteropFields()
    default:
      throw RPCError(code: .unknown, message: "\(request.command) is no request")
    }
  }

  private static func many(
    _ client: RPCClient, _ request: Request, _ timeout: Duration
  ) async throws -> InteropFields {
    let users = Array(
      repeating: request.list("users"), count: request.number("times") ?? 1
    ).flatMap { $0 }
    let stream = client.recommendMany(
      RecommendManyRequest(
        users: users, count: request.number("count"), excluding: request.list("exclude"),
        itemIndexesOnly: request.has("indexes_only"), softmaxScores: request.has("softmax")),
      timeout: timeout)
    var answers: [RankedItems] = []
    for try await answer in stream {
      answers.append(answer)
      if answers.count == request.number("leave") { break }
    }
    return InteropFields(answers)
  }
}
