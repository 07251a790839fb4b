internal import RecommenderRPC

extension Tour {
  /// Products for many customers in one call, streamed: the server waits while the loop works.
  static func recommendMany(_ client: RPCClient) async throws(RPCError) {
    let request = RecommendManyRequest(
      users: (0..<2000).map { "\(15_889 + $0 % 200)" }, count: 2)
    var itemCount = 0
    do {
      for try await answer in client.recommendMany(request) { itemCount += answer.itemIDs.count }
    } catch {
      throw RPCError(describing: error)
    }
    print("\(itemCount) products for \(request.users.count) customers")
  }
}
