internal import RecommenderRPC

extension Tour {
  /// What an operator does: the server's numbers, newer models, and the ones before.
  static func operations(_ client: RPCClient) async throws(RPCError) {
    let status = try await client.status()
    print("\(status.modelVersion), \(status.value("teller_connections") ?? 0) connections")
    let update = try await client.updateModels(.reload)
    print("\(update.modelVersion) in place of \(update.previousModelVersion)")
    do throws(RPCError) {
      print(try await client.updateModels(.rollback).modelVersion)
    } catch  where error.code == .failedPrecondition {
      print("\(error.code.name): \(error.message)")
    }
  }
}
