extension RPCClient {
  /// Has the server answer a PING, and returns the time until it did.
  ///
  /// It needs neither a token nor a role. The server answers in order, so that every request sent
  /// before has been read.
  ///
  /// - Throws: DEADLINE_EXCEEDED when nothing came within `timeout`, UNAVAILABLE when the connection
  ///   was closed meanwhile, CANCELLED when the calling task was.
  public func ping(timeout: Duration? = .seconds(5)) async throws(RPCError) -> Duration {
    try await run(
      begin: { $0.ping(timeout: timeout, completion: $1) },
      giveUp: { $0.giveUpPing($1, CallCancellation.error) })
  }
}
