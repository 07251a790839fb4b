internal import Synchronization

/// The events of one Feedback as they came, decoded by the service where it has the time.
///
/// Decoding a thousand events takes some milliseconds, and every connection of an event loop would
/// wait for it.
public final class FeedbackRequest: Sendable {
  private let payload: [UInt8]
  private let decodedCount = Atomic<Int>(-1)

  /// Copies a request's message, which is valid only while its burst is read.
  init(payload: UnsafeRawBufferPointer) { self.payload = Array(payload) }

  /// The size of the message in bytes.
  public var byteCount: Int { payload.count }

  /// The number of events; nil before they were decoded.
  var eventCount: Int? {
    let count = decodedCount.load(ordering: .acquiring)
    return count < 0 ? nil : count
  }

  /// Decodes and checks the events, 1 to 1000, on any thread.
  ///
  /// - Throws: INVALID_ARGUMENT when one of them is not what the protocol wants.
  public func events(by decoder: FeedbackDecoder) throws(RPCError) -> [FeedbackEvent] {
    let events = try payload.withUnsafeBufferPointer { (bytes) throws(RPCError) in
      try FeedbackCodec.decodeRequest(UnsafeRawBufferPointer(bytes), arena: decoder.arena)
    }
    decodedCount.store(events.count, ordering: .releasing)
    return events
  }
}

/// The memory in which Feedback is decoded; for one thread at a time.
public final class FeedbackDecoder {
  let arena = MessageArena()

  /// Makes a decoder.
  public init() {}
}
