internal import EventLog
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import TestSupport
internal import Testing

@testable internal import RecommenderService

/// What happens before log-in becomes the customer's.
struct SessionTests {
  private let fixture: ServiceFixture

  init() throws { fixture = try ExplorationFixture.make() }

  private func event(
    _ id: String, user: String, session: String = "s", item: String,
    _ type: FeedbackEventType = .accepted
  ) -> FeedbackEvent {
    FeedbackEvent(eventID: id, userID: user, itemID: item, type: type, sessionID: session)
  }

  private func rest(_ client: RPCClient, _ user: String) async throws -> RankedItems {
    try await client.recommend(user: user, count: 500)
  }

  @Test(arguments: ["c5", "somebody new"])
  func aSessionJoinsItsCustomer(user: String) async throws {
    // c5 holds items 1, 2 and 4.
    let before = try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      _ = try await client.putItems([PutItem(itemID: "new")])
      _ = try await client.feedback([event("1", user: "s", item: "i3")])
      #expect(try await rest(client, "s").source == .model, "known from the first event")
      #expect(!(try await rest(client, "s").itemIDs.contains("i3")))
      _ = try await client.feedback([event("2", user: "s", item: "new")])
      #expect(try await rest(client, user).itemIDs.contains("i3"))
      // The log-in, by an event that itself changes nothing.
      _ = try await client.feedback([event("3", user: user, item: "i0", .clicked)])
      #expect(!(try await rest(client, user).itemIDs.contains("i3")))
      #expect(try await rest(client, "s").source == .popularity, "no customer any more")
      // What still comes of the session goes the same way.
      _ = try await client.feedback([event("4", user: "s", item: "i0")])
      return try await rest(client, user)
    }
    #expect(!before.itemIDs.contains("i0") && !before.itemIDs.contains("i3"))
    let after = try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let held = try await client.recommend(user: user, count: 500, explorationWeight: 1)
      #expect(!held.itemIDs.contains("new"), "what was put and taken in the session is held")
      return try await rest(client, user)
    }
    #expect(after.itemIDs == before.itemIDs)
    #expect(after.scores == before.scores)
  }

  @Test func customersDoNotJoinOneAnother() async throws {
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      // "other" is a customer with a session of another name; c5 names that customer as a session.
      _ = try await client.feedback([event("1", user: "other", session: "t", item: "i3")])
      _ = try await client.feedback([event("2", user: "c5", session: "other", item: "i0")])
      #expect(try await rest(client, "c5").itemIDs.contains("i3"))
      #expect(try await rest(client, "other").source == .model)
      // A customer of the dataset is no session, whatever the event says.
      _ = try await client.feedback([event("3", user: "c6", session: "c6", item: "i0")])
      _ = try await client.feedback([event("4", user: "c7", session: "c6", item: "i1", .clicked)])
      #expect(!(try await rest(client, "c6").itemIDs.contains("i0")))
    }
  }

  @Test func listsCountASessionWhenItHasJoined() async throws {
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let before = try await client.similarItems(item: "i3", count: 5)
      _ = try await client.feedback([event("1", user: "s", item: "i3")])
      #expect(try await client.similarItems(item: "i3", count: 5) == before)
      _ = try await client.feedback([event("2", user: "new", item: "i0")])
      #expect(try await client.similarItems(item: "i3", count: 5) != before)
    }
  }
}
