internal import RecommenderRPC

extension Tour {
  /// Several connections behind one client; a call that fails with UNAVAILABLE is made again.
  static func pool(_ connect: @escaping RPCClientPool.Connector) async throws(RPCError) {
    let pool = RPCClientPool(connections: 2, connector: connect)
    let answer = try await pool.recommend(user: "15889", count: 1)
    print("\(answer.itemIDs) by one of two connections")
    await pool.close()

    var policy = RetryPolicy()
    policy.attempts = 3
    policy.firstBackoff = .milliseconds(1)
    let unreachable = RPCClientPool(connections: 1, policy: policy) { _ throws(RPCError) in
      throw RPCError(code: .unavailable, message: "nobody listens")
    }
    do throws(RPCError) {
      _ = try await unreachable.health()
    } catch  where error.code == .unavailable {
      print("after three attempts: \(error.message)")
    }
    await unreachable.close()
  }
}
