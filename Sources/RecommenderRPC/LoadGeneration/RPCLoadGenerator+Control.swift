internal import NIOCore

// What a load does beside its requests.
extension RPCLoadGenerator {
  /// What loads have in common.
  struct Load: Sendable {
    let host: String
    let port: Int
    let tls: ClientTLS?
    let token: String?
    let connections: Int
    let outstanding: Int
    let requestsPerSecond: Double?
    var reloadInterval: Duration?

    func connect(_ group: any EventLoopGroup) async throws(RPCError) -> RPCClient {
      try await RPCClient.connect(host: host, port: port, group: group, tls: tls, token: token)
    }
  }

  /// What the server says of itself, over a connection for this alone: one that is kept would be idle
  /// for so long that the server ends it.
  static func health(
    _ load: Load, _ group: any EventLoopGroup
  ) async throws(RPCError) -> HealthReport {
    let client = try await load.connect(group)
    do throws(RPCError) {
      let health = try await client.health()
      await client.close()
      return health
    } catch {
      await client.close()
      throw error
    }
  }

  /// Connections that have exchanged prefaces; they close when they are let go.
  static func idleConnections(
    _ count: Int, _ load: Load, _ group: any EventLoopGroup
  ) async throws(RPCError) -> [RPCClient] {
    var clients: [RPCClient] = []
    clients.reserveCapacity(count)
    for number in 0..<count {
      do throws(RPCError) {
        clients.append(try await load.connect(group))
      } catch {
        throw RPCError(
          code: error.code, message: "idle connection \(number + 1): \(error.message)")
      }
    }
    return clients
  }

  /// Changes the server's models while the load runs, where that is asked for.
  static func swapModels(
    _ load: Load, start: NIODeadline, _ duration: Duration, _ group: any EventLoopGroup
  ) async throws(RPCError) -> [LoadSwaps.Change] {
    guard let interval = load.reloadInterval else { return [] }
    let client = try await load.connect(group)
    let swaps = LoadSwaps(interval: interval, start: start, duration: duration)
    do throws(RPCError) {
      let changes = try await swaps.run(client)
      await client.close()
      return changes
    } catch {
      await client.close()
      throw error
    }
  }
}
