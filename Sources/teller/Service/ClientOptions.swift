internal import ArgumentParser
internal import NIOPosix
internal import RecommenderRPC

/// The options of commands that call a server.
struct ClientOptions: ParsableArguments {
  @Option(help: "HOST:PORT of the server.")
  var server = ServerAddress(host: "127.0.0.1", port: 7001)

  @Option(help: "How long to wait for an answer, in milliseconds.")
  var timeoutMs = 5000

  @OptionGroup var shared: SharedOptions
  @OptionGroup(title: "Security") var security: ClientSecurityOptions

  /// Whether to print a JSON object at the end.
  var json: Bool { shared.json }

  func validate() throws {
    guard (1...600_000).contains(timeoutMs) else {
      throw ValidationError("--timeout-ms is \(timeoutMs), it must be from 1 to 600000")
    }
  }

  /// The time a call may take.
  var timeout: Duration { .milliseconds(timeoutMs) }

  /// What the server is told of this client and asked for.
  func loadSecurity() throws(SecurityError) -> (tls: ClientTLS?, token: String?) {
    let tls = try security.loadTLS()
    return (tls, try security.loadToken(host: server.host, usesTLS: tls != nil))
  }

  /// Connects, lends the client, and closes the connection.
  func withClient<Result: Sendable>(
    _ body: (RPCClient) async throws -> Result
  ) async throws -> Result {
    let (tls, token) = try loadSecurity()
    let client = try await RPCClient.connect(
      host: server.host, port: server.port, group: MultiThreadedEventLoopGroup.singleton,
      tls: tls, token: token, connectTimeout: timeout)
    do {
      let result = try await body(client)
      await client.close()
      return result
    } catch {
      await client.close()
      throw error
    }
  }
}
