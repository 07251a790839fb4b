internal import NIOCore

/// The connections of one event loop whose clients have not fetched all answers.
///
/// A connection below its own limit is not told when its client reads again, so as long as there are
/// such connections they are looked at once in a while.
final class UnsentOutput {
  /// Bytes a connection sends between two looks at what of them is still here.
  static let lookBytes = 1 << 14
  /// Time between two looks at connections that have unsent bytes.
  static let lookInterval: TimeAmount = .milliseconds(20)

  private var connections: [ObjectIdentifier: ServerConnectionHandler] = [:]
  private var isLookScheduled = false

  /// Looks at a connection until it is forgotten.
  func watch(_ handler: ServerConnectionHandler, on eventLoop: any EventLoop) {
    connections[ObjectIdentifier(handler)] = handler
    scheduleLook(on: eventLoop)
  }

  func forget(_ handler: ServerConnectionHandler) {
    connections[ObjectIdentifier(handler)] = nil
  }

  private func scheduleLook(on eventLoop: any EventLoop) {
    guard !isLookScheduled else { return }
    isLookScheduled = true
    eventLoop.assumeIsolated().scheduleTask(in: Self.lookInterval) {
      self.isLookScheduled = false
      // First all are counted, then those that were held back go on while there is room.
      let watched = Array(self.connections.values)
      for handler in watched { handler.countUnsent() }
      for handler in watched { handler.goOnIfThereIsRoom() }
      if !self.connections.isEmpty { self.scheduleLook(on: eventLoop) }
    }
  }
}

// Back-pressure when all connections together have too much that is not sent.
extension ServerConnectionHandler {
  /// Whether the client fetches its answers, or the server has room to keep them.
  func mayAnswerMore(_ context: ChannelHandlerContext) -> Bool {
    context.channel.isWritable && !isHeldBack
  }

  private var isHeldBack: Bool { unsentBytes > 0 && isServerFullOfUnsent }

  var isServerFullOfUnsent: Bool {
    dispatcher.statistics.unsentBytes > limits.maxServerUnsentBytes
  }

  /// Counts what was written and not sent in the limit of all connections.
  func countUnsent() {
    guard let context else { return }
    flushedSinceLook = 0
    setUnsent(measureUnsent(context.channel), context)
  }

  /// The connection is over.
  func forgetUnsent(_ context: ChannelHandlerContext) { setUnsent(0, context) }

  private func setUnsent(_ bytes: Int, _ context: ChannelHandlerContext) {
    guard bytes != unsentBytes else { return }
    dispatcher.statistics.changeUnsent(by: bytes - unsentBytes)
    if bytes == 0 {
      dispatcher.unsent.forget(self)
    } else if unsentBytes == 0 {
      dispatcher.unsent.watch(self, on: context.eventLoop)
    }
    unsentBytes = bytes
  }

  /// Bytes that the channel keeps; none of a channel that is closed.
  static func unsent(_ channel: any Channel) -> Int {
    (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }
}
