internal import CRecommenderMessages

/// Memory for decoding one message after another; see `message_arena.h`.
final class MessageArena {
  let pointer: OpaquePointer

  /// `capacityMax` bounds what one message may take, whatever its bytes ask for.
  init(capacity: Int = 1 << 16, capacityMax: Int = 1 << 24) {
    guard let pointer = teller_arena_create(capacity, capacityMax) else {
      preconditionFailure("no memory for an arena of \(capacity) bytes")
    }
    self.pointer = pointer
  }

  deinit { teller_arena_destroy(pointer) }

  func reset() { teller_arena_reset(pointer) }

  /// Calls of malloc since the arena was made.
  var fallbackAllocations: UInt64 { teller_arena_fallback_allocations(pointer) }

  /// Decodes a message that stays valid until the next `reset`.
  func unpack<Message>(
    _ type: Message.Type, _ kind: TellerMessage, _ bytes: UnsafeRawBufferPointer
  ) throws(RPCError) -> UnsafePointer<Message> {
    var fault = TellerFault()
    guard
      let message = teller_unpack(
        teller_descriptor(kind), pointer, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
        bytes.count,
        &fault)
    else { throw RPCError(fault) }
    return UnsafeRawPointer(message).assumingMemoryBound(to: Message.self)
  }
}

extension RPCError {
  /// What the sender of a bad message is told.
  init(_ fault: TellerFault) {
    let field = fault.field.map { String(cString: $0) } ?? "the payload"
    switch fault.kind {
    case TELLER_FAULT_TEXT:
      self.init(
        code: .invalidArgument, message: "\(field) must be UTF-8 without NUL, and is not")
    case TELLER_FAULT_LIMIT:
      let unit = fault.unit.map { String(cString: $0) } ?? ""
      self.init(
        code: .invalidArgument,
        message: "\(field) must be \(fault.minimum) to \(fault.maximum)"
          + (unit.isEmpty ? "" : " \(unit)") + ", not \(fault.actual)")
    case TELLER_FAULT_MEMORY:
      self.init(
        code: .resourceExhausted, message: "the payload needs too much memory: send less at once")
    default:
      self.init(
        code: .invalidArgument, message: "\(field) does not decode as the method's request")
    }
  }
}
