internal import Glibc
internal import NIOCore

/// A way past the channel for the bytes of a connection: while the channel keeps nothing unsent, they
/// are sent by one call of the system.
///
/// The channel's own way through its queue costs about as much as executing the request that is
/// answered. What the socket does not take goes that way, so order, back-pressure and failures are
/// the channel's in either case.
struct StraightOutput {
  private static let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)

  /// Open as long as the channel is active; nil where the bytes must pass other handlers (TLS), or
  /// where there is no socket (tests).
  private var socket: NIOBSDSocket.Handle?
  /// Buffers given to the channel that it has not sent yet.
  private var queuedCount = 0

  /// Finds the socket of a channel that has become active.
  mutating func open(_ channel: any Channel) {
    socket = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable { $0 }
  }

  /// To be called when the channel is no longer active: the socket is closed, and its number may soon
  /// be another's.
  mutating func close() { socket = nil }

  /// Whether what is sent now must wait behind what the channel keeps.
  var isQueued: Bool { queuedCount > 0 }

  mutating func countQueued(_ change: Int) { queuedCount += change }

  /// Sends as much as the socket takes at once, and moves the reader index behind it.
  ///
  /// A failure of the socket is left for the channel to meet, which then closes.
  func send(_ buffer: inout ByteBuffer) {
    guard let socket, !isQueued else { return }
    buffer.readWithUnsafeReadableBytes { bytes in
      max(0, Glibc.send(socket, bytes.baseAddress, bytes.count, Self.flags))
    }
  }
}
