internal import Logging
internal import RecommenderRPC

/// Reads certificates and tokens anew.
struct SecurityReload {
  let options: ServerSecurityOptions
  let server: RPCServer
  let logger: Logger

  /// Files that cannot be used change nothing: half of a new set is worse than all of the old.
  func run() async {
    guard options.hasFiles else { return }
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
