internal import Logging
internal import RecommenderRPC

/// Reads certificates and tokens anew whenever SIGHUP comes, for as long as the server runs.
struct SecurityReload {
  let options: ServerSecurityOptions
  let server: RPCServer
  let logger: Logger

  /// Ends when its task is cancelled. Files that cannot be used change nothing: half of a new set
  /// is worse than all of the old.
  func run(on signal: AwaitedSignal) async {
    while await signal.wait() != nil {
      do {
        let security = try options.load()
        await server.replaceSecurity(security)
        logger.notice(
          "certificates and tokens are read anew",
          metadata: security.tokens.map { ["tokens": "\($0.count)"] } ?? [:])
      } catch {
        logger.error("not read anew, those of before stay in force: \(error)")
      }
    }
  }
}
