internal import RecommenderRPC

extension Tour {
  /// An answer looked up by its name, and the last ones of a customer.
  static func answersOnRecord(_ client: RPCClient) async throws(RPCError) {
    let answer = try await client.recommend(user: "15891", count: 3)
    let record = try await client.getRecommendation(answer.recommendationID)
    print("\(record.userID) was answered \(record.itemIDs) by \(record.modelVersion)")
    let records = try await client.listRecommendations(
      RecommendationQuery(userID: "15891", count: 2))
    print("\(records.count) answers on record, the newest \(records[0].recommendationID)")
  }
}
