/// The identifiers of the catalogue in the form answers are encoded from: one run of UTF-8, each
/// identifier followed by NUL.
///
/// A service makes one table per catalogue and refers to it from every answer, so that an answer
/// carries indexes only and encoding allocates nothing.
public final class ItemIDTable: Sendable {
  /// Number of products.
  public let count: Int
  /// The identifiers, each followed by NUL. Never written after `init`.
  nonisolated(unsafe) let bytes: UnsafeMutablePointer<CChar>
  /// Where each identifier begins in `bytes`; one more entry marks the end.
  nonisolated(unsafe) let offsets: UnsafeMutablePointer<UInt32>

  /// Lays the identifiers out in the order given, which is the order of item indexes.
  ///
  /// Throws `invalidArgument` when one is empty, longer than 256 bytes, or holds a NUL.
  public init(_ itemIDs: [String]) throws(RPCError) {
    var total = 0
    for (index, id) in itemIDs.enumerated() {
      let length = id.utf8.count
      guard length >= 1, length <= MessageLimits.maxIDBytes, !id.utf8.contains(0) else {
        throw RPCError(
          code: .invalidArgument,
          message: "item \(index) has an identifier of \(length) bytes:"
            + " it must be 1 to \(MessageLimits.maxIDBytes) bytes without NUL")
      }
      total += length + 1
    }
    guard total <= Int(UInt32.max) else {
      throw RPCError(
        code: .resourceExhausted,
        message: "identifiers of \(total) bytes in all do not fit: the limit is \(UInt32.max)")
    }
    count = itemIDs.count
    bytes = .allocate(capacity: max(total, 1))
    offsets = .allocate(capacity: itemIDs.count + 1)
    var at = 0
    for (index, id) in itemIDs.enumerated() {
      offsets[index] = UInt32(at)
      for byte in id.utf8 {
        bytes[at] = CChar(bitPattern: byte)
        at += 1
      }
      bytes[at] = 0
      at += 1
    }
    offsets[itemIDs.count] = UInt32(at)
  }

  deinit {
    bytes.deallocate()
    offsets.deallocate()
  }

  /// The identifier of a product, without its NUL. `index` must be less than `count`. Valid as long
  /// as the table.
  public func itemID(_ index: Int) -> UnsafeRawBufferPointer {
    precondition(index >= 0 && index < count, "item \(index) of \(count)")
    let start = Int(offsets[index])
    return UnsafeRawBufferPointer(
      start: bytes + start, count: Int(offsets[index + 1]) - start - 1)
  }
}
