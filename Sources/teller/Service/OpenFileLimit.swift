internal import Glibc
internal import Logging
internal import RecommenderRPC

/// The number of files, and so of connections, that this process may have open.
enum OpenFileLimit {
  /// The process may not have as many files open as it needs.
  struct TooLow: Error, CustomStringConvertible {
    let needed: Int
    let allowed: Int

    var description: String {
      "\(needed) open files are needed, and \(allowed) are allowed: raise 'ulimit -Hn', or"
        + " LimitNOFILE of the service"
    }
  }

  /// Files of a server beside its connections: databases, models, logs, scrapes of its metrics.
  static let serverFiles = 128

  /// Raises it to what the system allows; a process begins with less, for the sake of old programs.
  ///
  /// - Parameter needed: the fewest files the process can do its work with.
  /// - Returns: the files it may have open now.
  /// - Throws: ``TooLow``.
  @discardableResult
  static func raise(toAtLeast needed: Int) throws(TooLow) -> Int {
    var limit = rlimit()
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(files, &limit) == 0 else { return .max }
    if limit.rlim_cur < limit.rlim_max {
      let before = limit.rlim_cur
      limit.rlim_cur = limit.rlim_max
      if setrlimit(files, &limit) != 0 { limit.rlim_cur = before }
    }
    let allowed = Int(clamping: limit.rlim_cur)
    if allowed < needed { throw TooLow(needed: needed, allowed: allowed) }
    return allowed
  }

  /// A server's limits with as many connections as there may be open files: one more is told so,
  /// instead of waiting to be accepted.
  ///
  /// - Parameter logger: warned when that is fewer than usual.
  /// - Returns: the limits.
  /// - Throws: ``TooLow``.
  static func connectionLimits(_ logger: Logger) throws(TooLow) -> RPCLimits {
    var limits = RPCLimits()
    let files = try raise(toAtLeast: 2 * serverFiles)
    let room = files - serverFiles
    if room < limits.maxConnections {
      limits.maxConnections = room
      logger.warning(
        "fewer connections than usual, for few open files are allowed: raise 'ulimit -Hn'",
        metadata: ["connections": "\(room)", "files": "\(files)"])
    }
    return limits
  }
}
