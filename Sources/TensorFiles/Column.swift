/// A read-only, contiguous run of plain values: one tensor's elements, row-major.
///
/// The memory belongs either to a memory-mapped file or to an allocation made by this type; a
/// column keeps its owner alive and copies in O(1).
public struct Column<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  /// The elements. The pointer is valid as long as any copy of the column lives.
  public let buffer: UnsafeBufferPointer<Element>
  private let owner: AnyObject

  /// Wraps memory that `owner` keeps alive and never changes.
  public init(buffer: UnsafeBufferPointer<Element>, owner: AnyObject) {
    self.buffer = buffer
    self.owner = owner
  }

  /// Copies the elements of an array.
  public init(_ elements: [Element]) {
    self.init(count: elements.count) { destination in
      _ = destination.update(fromContentsOf: elements)
    }
  }

  /// Allocates `count` zeroed elements and lets `fill` write them once.
  public init(count: Int, fill: (UnsafeMutableBufferPointer<Element>) throws -> Void) rethrows {
    let storage = ColumnStorage(byteCount: count * MemoryLayout<Element>.stride)
    let pointer = storage.base.bindMemory(to: Element.self, capacity: max(count, 1))
    try fill(UnsafeMutableBufferPointer(start: pointer, count: count))
    self.init(buffer: UnsafeBufferPointer(start: pointer, count: count), owner: storage)
  }

  /// The number of elements.
  public var count: Int { buffer.count }

  /// Whether there are no elements.
  public var isEmpty: Bool { buffer.isEmpty }

  /// The element at `index`, unchecked in release builds.
  @inlinable public subscript(index: Int) -> Element { buffer[index] }

  /// The elements of a range, sharing this column's memory.
  public func slice(_ range: Range<Int>) -> UnsafeBufferPointer<Element> {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "range \(range) of \(count) elements")
    return UnsafeBufferPointer(rebasing: buffer[range])
  }

  /// The elements as raw bytes, in the machine's order (little-endian on every supported machine).
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(buffer) }

  /// The elements copied into an array.
  public var array: [Element] { Array(buffer) }
}

/// Owns the memory of a column that was not mapped from a file.
private final class ColumnStorage {
  let base: UnsafeMutableRawPointer

  init(byteCount: Int) {
    base = LargeMemory.allocate(byteCount: byteCount)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: max(byteCount, 1))
  }

  deinit { LargeMemory.deallocate(base) }
}
