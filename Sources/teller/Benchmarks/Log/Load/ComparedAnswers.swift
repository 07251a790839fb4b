internal import NIOPosix
internal import RecommenderRPC

/// Answers that a server must give as another one did that knew the same events.
struct ComparedAnswers {
  /// The customers whose answers are compared.
  private static let customerCount = 40

  private let customers: [String]
  private let explorationWeight: Float?

  /// Chooses some of a load's customers.
  ///
  /// - Parameters:
  ///   - customers: the load's.
  ///   - explorationWeight: of the requests; without, the servers' own, whose answers are alike only
  ///     when they are the first of runs of the same name.
  init(of customers: [String], explorationWeight: Float? = nil) {
    let step = max(1, customers.count / Self.customerCount)
    self.customers = stride(from: 0, to: customers.count, by: step).map { customers[$0] }
    self.explorationWeight = explorationWeight
  }

  /// Asks a server.
  func ask(port: Int) async throws -> [RankedItems] {
    let client = try await RPCClient.connect(
      host: "127.0.0.1", port: port, group: MultiThreadedEventLoopGroup.singleton)
    var answers: [RankedItems] = []
    for customer in customers {
      var answer = try await client.recommend(
        user: customer, count: 20, explorationWeight: explorationWeight)
      answer.recommendationID = ""
      answers.append(answer)
    }
    await client.close()
    return answers
  }

  /// What a server answers otherwise than expected, a line each; nothing when nothing is expected.
  func differences(_ expected: [RankedItems], port: Int) async throws -> [String] {
    if expected.isEmpty { return [] }
    return zip(expected, try await ask(port: port)).filter { $0 != $1 }
      .map { "answered \($1) after \($0)" }
  }
}
