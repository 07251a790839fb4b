internal import RecommenderRPC

extension Tour {
  /// What a customer did; the next answer knows it.
  static func feedback(_ client: RPCClient) async throws(RPCError) {
    let shown = try await client.recommend(user: "15890", count: 2)
    let taken = shown.itemIDs[0]
    // The id is the caller's: the same event sent again is a duplicate and changes nothing.
    let event = FeedbackEvent(
      eventID: "tour-2-\(taken)", userID: "15890", itemID: taken, type: .accepted,
      recommendationID: shown.recommendationID, channel: "branch",
      impressionItemIDs: shown.itemIDs)
    for _ in 1...2 { print(try await client.feedback([event])) }
    let after = try await client.recommend(user: "15890", count: 24)
    precondition(!after.itemIDs.contains(taken))
    print("\(taken) is not recommended any more")
  }
}
