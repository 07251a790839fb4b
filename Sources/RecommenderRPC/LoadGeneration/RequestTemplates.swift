internal import NIOCore

/// Request frames made in advance, which a load connection sends under its own request ids.
protocol RequestTemplates: Sendable {
  /// How many there are.
  var count: Int { get }

  /// Appends a frame under a request id.
  ///
  /// - Parameters:
  ///   - index: which frame.
  ///   - requestID: its request id.
  ///   - serial: a number that no other request of the load has.
  ///   - output: where the frame goes.
  func write(_ index: Int, requestID: UInt32, serial: UInt64, into output: inout ByteBuffer)
}
