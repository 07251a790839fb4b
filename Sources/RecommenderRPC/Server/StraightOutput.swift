internal import Glibc
internal import NIOCore

/// A way past the channel for the bytes of a connection: while the channel keeps nothing unsent, they
/// are sent by one call of the system.
///
/// The channel's own way through its queue costs about as much as executing the request that is
/// answered. What the socket does not take goes that way, so order, back-pressure and failures are
/// the channel's in either case. Lives on the event loop of its channel, like the handler it is of.
final class StraightOutput {
  private static let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)

  /// Nil before the channel is active and after, where the bytes must pass other handlers (TLS), and
  /// where there is no socket (tests).
  private var socket: NIOBSDSocket.Handle?
  /// Buffers given to the channel that it has not sent yet.
  private var queuedCount = 0

  /// Finds the socket of a channel that has become active.
  ///
  /// Only for channels whose pipeline changes nothing of what is written.
  func open(_ channel: any Channel) {
    socket = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable { $0 }
  }

  /// To be called when the channel is no longer active: the socket is closed, and its number may soon
  /// be another's.
  func close() { socket = nil }

  /// Sends all that is readable, at once or, as far as the socket does not take it, when it does.
  func write(_ buffer: inout ByteBuffer, _ context: ChannelHandlerContext) {
    send(&buffer)
    if buffer.readableBytes > 0 { queue(buffer, context) }
  }

  /// Sends as much as the socket takes now, and moves the reader index behind it.
  ///
  /// A failure of the socket is left for the channel to meet, which then closes.
  private func send(_ buffer: inout ByteBuffer) {
    guard let socket, queuedCount == 0 else { return }
    buffer.readWithUnsafeReadableBytes { bytes in
      max(0, Glibc.send(socket, bytes.baseAddress, bytes.count, Self.flags))
    }
  }

  private func queue(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
    guard socket != nil else {
      return context.writeAndFlush(NIOAny(buffer), promise: nil)
    }
    queuedCount += 1
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { _ in self.queuedCount -= 1 }
    context.writeAndFlush(NIOAny(buffer), promise: sent)
  }
}
