internal import RecommenderRPC

extension Tour {
  /// Calls of many tasks share one connection; a cancelled task cancels its call.
  static func manyAtOnce(_ client: RPCClient) async throws(RPCError) {
    let counts = await withTaskGroup(of: Int?.self) { group in
      for customer in 15_889..<16_889 {
        group.addTask {
          try? await client.recommend(user: "\(customer)", count: 1).itemIDs.count
        }
      }
      return await group.reduce(into: [Int]()) { $0 += $1.map { [$0] } ?? [] }
    }
    guard counts.count == 1000 else {
      throw RPCError(code: .unavailable, message: "\(1000 - counts.count) calls failed")
    }
    print("\(counts.count) answers, \(counts.reduce(0, +)) products")
  }
}
