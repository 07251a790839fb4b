internal import RecommenderRPC

extension Tour {
  /// Products for one customer, best first, with their names from the catalogue.
  static func recommend(_ client: RPCClient) async throws(RPCError) {
    let catalogue = try await client.describe().service
    let answer = try await client.recommend(user: "15889", count: 3)
    for (index, score) in zip(answer.itemIndexes, answer.scores) {
      print(catalogue.itemIDs[Int(index)], score, catalogue.itemNames[Int(index)])
    }
    print("from \(answer.modelVersion), recommendation \(answer.recommendationID)")

    // A customer nobody knows is answered from popularity, not refused.
    let stranger = try await client.recommend(user: "nobody", count: 1)
    print("for a stranger \(stranger.itemIDs), \(stranger.source)")
  }
}
