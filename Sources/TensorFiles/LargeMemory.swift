internal import Foundation

/// Memory for tables that are read in no order.
///
/// A table of some megabytes lies on thousands of the machine's small pages, and where to find each
/// is cached for a few hundred only: every look at another row then waits for memory several times.
/// Tables large enough are laid on huge pages, where the system has any.
public enum LargeMemory {
  /// The size of a huge page, in bytes.
  private static let hugePageByteCount = 2 << 20
  /// From here on whole huge pages are asked for, in bytes.
  private static let hugeByteCount = 1 << 20
  private static let alignment = 64

  /// Allocates memory that holds nothing yet, aligned to 64 bytes or more. Pages that nobody writes
  /// to take no room.
  ///
  /// - Parameter byteCount: the bytes wanted, 0 or more.
  /// - Returns: memory to be given back by ``deallocate(_:)``.
  public static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    let isHuge = byteCount >= hugeByteCount
    let unit = isHuge ? hugePageByteCount : alignment
    let size = max(unit, (byteCount + unit - 1) / unit * unit)
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, unit, size) == 0, let memory else {
      fatalError("no memory for \(size) bytes")
    }
    // Advice: where it cannot be followed, small pages do.
    if isHuge { madvise(memory, size, MADV_HUGEPAGE) }
    return memory
  }

  /// Gives memory back.
  public static func deallocate(_ memory: UnsafeMutableRawPointer) { free(memory) }
}
