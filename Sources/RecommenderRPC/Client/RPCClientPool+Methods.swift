extension RPCClientPool {
  /// See ``RPCClient/recommend(user:count:excluding:itemIndexesOnly:softmaxScores:explorationWeight:timeout:)``.
  public func recommend(
    user: String, count: Int? = nil, excluding: [String] = [], itemIndexesOnly: Bool = false,
    softmaxScores: Bool = false, explorationWeight: Float? = nil, timeout: Duration? = .seconds(5)
  ) async throws(RPCError) -> RankedItems {
    try await call(timeout: timeout) { (client, left) async throws(RPCError) in
      try await client.recommend(
        user: user, count: count, excluding: excluding, itemIndexesOnly: itemIndexesOnly,
        softmaxScores: softmaxScores, explorationWeight: explorationWeight, timeout: left)
    }
  }

  /// See ``RPCClient/similarItems(item:count:timeout:)``.
  public func similarItems(
    item: String, count: Int? = nil, timeout: Duration? = .seconds(5)
  ) async throws(RPCError) -> RankedItems {
    try await call(timeout: timeout) { (client, left) async throws(RPCError) in
      try await client.similarItems(item: item, count: count, timeout: left)
    }
  }

  /// See ``RPCClient/feedback(_:timeout:)``.
  public func feedback(
    _ events: [FeedbackEvent], timeout: Duration? = .seconds(10)
  ) async throws(RPCError) -> [FeedbackOutcome] {
    try await call(timeout: timeout) { (client, left) async throws(RPCError) in
      try await client.feedback(events, timeout: left)
    }
  }

  /// See ``RPCClient/putItems(_:timeout:)``.
  public func putItems(
    _ items: [PutItem], timeout: Duration? = .seconds(10)
  ) async throws(RPCError) -> [PutItemOutcome] {
    try await call(timeout: timeout) { (client, left) async throws(RPCError) in
      try await client.putItems(items, timeout: left)
    }
  }

  /// See ``RPCClient/health(timeout:)``.
  public func health(timeout: Duration? = .seconds(5)) async throws(RPCError) -> HealthReport {
    try await call(timeout: timeout) { (client, left) async throws(RPCError) in
      try await client.health(timeout: left)
    }
  }
}
