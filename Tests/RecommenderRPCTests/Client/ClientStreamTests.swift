internal import NIOPosix
internal import Testing

@testable internal import RecommenderRPC

/// RecommendMany from the client's side, over a socket pair.
@Suite struct ClientStreamTests {
  private func server(
    _ change: @escaping @Sendable (EchoMethods) -> Void = { _ in }
  ) async throws -> InProcessServer {
    try await InProcessServer.start(group: MultiThreadedEventLoopGroup.singleton) { _ in
      guard let methods = try? EchoMethods() else { preconditionFailure("the test's own items") }
      change(methods)
      return methods
    }
  }

  /// More customers than one grant of credit, so that the reader must let more come.
  @Test(arguments: [1, 64, 65, 1000, 10_000])
  func everyAnswerArrivesInOrder(count: Int) async throws {
    let client = try await server().connect()
    let users = (0..<count).map { "user-\($0)" }
    var place = 0
    for try await items in client.recommendMany(RecommendManyRequest(users: users, count: 1)) {
      #expect(items.itemIndexes == [EchoMethods.firstIndex(users[place])])
      place += 1
    }
    #expect(place == count)
    await client.close()
  }

  @Test func severalStreamsAndCallsShareAConnection() async throws {
    let client = try await server().connect()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<8 {
        group.addTask {
          let users = (0..<500).map { "user-\(number)-\($0)" }
          var place = 0
          for try await items in client.recommendMany(RecommendManyRequest(users: users)) {
            #expect(items.itemIndexes.first == EchoMethods.firstIndex(users[place]))
            place += 1
          }
          return place
        }
        group.addTask {
          let user = "alone-\(number)"
          let items = try await client.recommend(user: user, count: 1)
          #expect(items.itemIndexes == [EchoMethods.firstIndex(user)])
          return 1
        }
      }
      var total = 0
      for try await count in group { total += count }
      #expect(total == 8 * 501)
    }
    await client.close()
  }

  @Test func leavingTheLoopEndsTheCall() async throws {
    let client = try await server().connect()
    let users = (0..<10_000).map { "user-\($0)" }
    // More than a connection may have at once: a stream left behind would use up its place.
    for _ in 0..<40 {
      for try await items in client.recommendMany(RecommendManyRequest(users: users)) {
        #expect(items.itemIndexes.count == 10)
        break
      }
    }
    #expect(try await client.recommend(user: "u", count: 1).itemIndexes.count == 1)
    await client.close()
  }

  @Test func aCancelledTaskEndsItsStream() async throws {
    let client = try await server().connect()
    let users = (0..<10_000).map { "user-\($0)" }
    let task = Task {
      var count = 0
      for try await _ in client.recommendMany(RecommendManyRequest(users: users)) {
        count += 1
        if count == 10 { withUnsafeCurrentTask { $0?.cancel() } }
      }
      return count
    }
    let error = await #expect(throws: RPCError.self) { try await task.value }
    #expect(error?.code == .cancelled)
    await client.close()
  }

  @Test func errorsComeBehindTheAnswersBeforeThem() async throws {
    let client = try await server { methods in
      methods.onRecommend = { [unowned methods] in
        if methods.calls == 6 { methods.failure = RPCError(code: .dataLoss, message: "no row") }
      }
    }.connect()
    var count = 0
    let error = await #expect(throws: RPCError.self) {
      for try await _ in client.recommendMany(
        RecommendManyRequest(users: Array(repeating: "u", count: 100)))
      { count += 1 }
    }
    #expect(count == 5)
    #expect(error == RPCError(code: .dataLoss, message: "no row"))
    await client.close()
  }

  @Test func aBadRequestIsRefused() async throws {
    let client = try await server().connect()
    for users in [[], ["a\0b"], Array(repeating: "u", count: 10_001)] {
      let error = await #expect(throws: RPCError.self) {
        for try await _ in client.recommendMany(RecommendManyRequest(users: users)) {}
      }
      #expect(error?.code == .invalidArgument)
    }
    await client.close()
  }
}
