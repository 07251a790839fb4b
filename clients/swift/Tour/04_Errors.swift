internal import RecommenderRPC

extension Tour {
  /// Errors by their code, and a time limit for one call.
  static func errors(_ client: RPCClient) async throws(RPCError) {
    do throws(RPCError) {
      _ = try await client.similarItems(item: "ind_moon_rocket_ult1")
    } catch  where error.code == .notFound {
      print("\(error.code.name): \(error.message)")
    }
    // An answer within a quarter of a second, or DEADLINE_EXCEEDED.
    let health = try await client.health(timeout: .milliseconds(250))
    print("\(health.modelVersion) has answered \(health.requests) requests")
  }
}
