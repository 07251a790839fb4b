internal import CRecommenderMessages
internal import NIOCore

// Building messages of the cold methods: texts and lists are copied into the arena, so nothing has
// to be freed one by one.
extension MessageArena {
  /// Uninitialised memory for `count` values; valid until the next `reset`.
  func list<Element>(of type: Element.Type, count: Int) throws(RPCError)
    -> UnsafeMutablePointer<Element>
  {
    let size = max(count, 1) * MemoryLayout<Element>.stride
    guard let memory = teller_arena_allocate(pointer, size) else {
      throw RPCError(
        code: .resourceExhausted, message: "the message needs too much memory: send less at once")
    }
    return memory.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  /// A copy ending with NUL. A NUL inside would cut the text silently, so it is refused.
  func text(_ text: String, field: String) throws(RPCError) -> UnsafeMutablePointer<CChar> {
    let length = text.utf8.count
    let copy = try list(of: CChar.self, count: length + 1)
    var at = 0
    for byte in text.utf8 {
      if byte == 0 {
        throw RPCError(code: .invalidArgument, message: "\(field) must be UTF-8 without NUL")
      }
      copy[at] = CChar(bitPattern: byte)
      at += 1
    }
    copy[length] = 0
    return copy
  }

  /// Copies of several texts.
  func texts(
    _ texts: some Collection<String>, field: String
  ) throws(RPCError) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    let pointers = try list(of: UnsafeMutablePointer<CChar>?.self, count: texts.count)
    var index = 0
    for text in texts {
      pointers[index] = try self.text(text, field: field)
      index += 1
    }
    return pointers
  }
}

extension ByteBuffer {
  /// Appends a frame whose payload is the message packed by protobuf-c. `header.payloadLength` is
  /// filled in.
  mutating func writeMessageFrame<Message>(
    _ header: FrameHeader, _ message: inout Message, maxFrameBytes: Int
  ) throws(RPCError) {
    let size = withUnsafePointer(to: &message) { pointer in
      protobuf_c_message_get_packed_size(Self.base(of: pointer))
    }
    guard size <= maxFrameBytes else {
      throw RPCError(
        code: .resourceExhausted,
        message: "a message of \(size) bytes is over the frame limit of \(maxFrameBytes)")
    }
    var header = header
    header.payloadLength = UInt32(size)
    writeWithUnsafeMutableBytes(minimumWritableBytes: header.frameByteCount) { target in
      header.write(to: target)
      let payload = target.baseAddress.map { $0 + FrameHeader.byteCount }
      _ = withUnsafePointer(to: &message) { pointer in
        protobuf_c_message_pack(
          Self.base(of: pointer), payload?.assumingMemoryBound(to: UInt8.self))
      }
      return header.frameByteCount
    }
  }

  /// Every generated message begins with its `base`.
  private static func base<Message>(
    of message: UnsafePointer<Message>
  ) -> UnsafePointer<ProtobufCMessage> {
    UnsafeRawPointer(message).assumingMemoryBound(to: ProtobufCMessage.self)
  }
}

extension String {
  /// A text of a decoded message; texts are never NULL there.
  init(message text: UnsafePointer<CChar>?) {
    self = text.map { String(cString: $0) } ?? ""
  }
}
