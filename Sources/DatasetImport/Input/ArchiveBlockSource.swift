internal import CArchive
internal import Foundation
internal import Synchronization

/// Reads a compressed file, an archive of one file, or a stream, through libarchive.
///
/// Decompression is sequential: whoever asks for a block decompresses it under the lock and parses
/// it outside, so that one thread decompresses while the others parse and at most a block a thread
/// is in memory.
final class ArchiveBlockSource: BlockSource, @unchecked Sendable {
  let header: [UInt8]
  let byteCount: Int? = nil
  private let path: String
  private let blockSize: Int
  private let archive: OpaquePointer
  private let owned: Int32?
  private let lock = Mutex(())
  // The following are touched with the lock held, or in the initialiser.
  private var rest: [UInt8] = []
  private var index = 0
  private var offset = 0
  private var ended = false

  /// Reads from an open descriptor, which is closed at the end or stays the caller's.
  init(
    path: String, descriptor: Int32, closesDescriptor: Bool, blockSize: Int
  ) throws(ImportError) {
    owned = closesDescriptor ? descriptor : nil
    self.path = path
    self.blockSize = blockSize
    guard let archive = archive_read_new() else {
      if let owned { close(owned) }
      throw .unreadable(file: path, reason: "libarchive gives no reader")
    }
    self.archive = archive
    do {
      try Self.open(archive, path: path, descriptor: descriptor)
      let first = try Self.firstLine(of: archive, path: path)
      header = HeaderLine.trimmed(first.line)
      rest = first.rest
      ended = first.ended
    } catch {
      archive_read_free(archive)
      if let owned { close(owned) }
      throw error
    }
  }

  deinit {
    archive_read_free(archive)
    if let owned { close(owned) }
  }

  private static func open(
    _ archive: OpaquePointer, path: String, descriptor: Int32
  ) throws(ImportError) {
    archive_read_support_filter_all(archive)
    archive_read_support_format_zip(archive)
    archive_read_support_format_raw(archive)
    archive_read_support_format_empty(archive)
    guard archive_read_open_fd(archive, descriptor, 1 << 18) == ARCHIVE_OK else {
      throw .damagedArchive(file: path, reason: reason(archive))
    }
    var entry: OpaquePointer?
    repeat {
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { throw .emptyFile(file: path) }
      guard status == ARCHIVE_OK else {
        throw .damagedArchive(file: path, reason: reason(archive))
      }
    } while isSkipped(entry)
  }

  /// Folders, and what macOS adds beside each file.
  private static func isSkipped(_ entry: OpaquePointer?) -> Bool {
    guard let entry else { return true }
    let name = archive_entry_pathname(entry).map { String(cString: $0) } ?? ""
    return name.hasSuffix("/") || name.hasPrefix("__MACOSX")
  }

  private static func reason(_ archive: OpaquePointer) -> String {
    archive_error_string(archive).map { String(cString: $0) } ?? "no reason given"
  }

  private static func read(
    _ archive: OpaquePointer, into memory: UnsafeMutablePointer<UInt8>, count: Int, path: String
  ) throws(ImportError) -> Int {
    let step = archive_read_data(archive, memory, count)
    guard step >= 0 else { throw .damagedArchive(file: path, reason: reason(archive)) }
    return step
  }

  private static func firstLine(
    of archive: OpaquePointer, path: String
  ) throws(ImportError) -> (line: [UInt8], rest: [UInt8], ended: Bool) {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 65_536)
    defer { memory.deallocate() }
    var line: [UInt8] = []
    while true {
      let count = try read(archive, into: memory, count: 65_536, path: path)
      let bytes = UnsafeBufferPointer(start: memory, count: count)
      if let newline = bytes.firstIndex(of: 0x0A) {
        return (line + bytes[..<newline], Array(bytes[(newline + 1)...]), false)
      }
      line.append(contentsOf: bytes)
      if count == 0 { return (line, [], true) }
      guard line.count <= InputLimits.lineBytes else {
        throw .lineTooLong(file: path, offset: 0, limit: InputLimits.lineBytes)
      }
    }
  }

  func next(into block: ByteBlock) throws(ImportError) -> Bool {
    var failure: ImportError?
    let filled = lock.withLock { _ in
      do throws(ImportError) {
        return try fill(block)
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
    return filled
  }

  private func fill(_ block: ByteBlock) throws(ImportError) -> Bool {
    if ended && rest.isEmpty { return false }
    block.reserve(max(blockSize, rest.count), keeping: 0)
    rest.withUnsafeBufferPointer { rest in
      if let base = rest.baseAddress { block.base.update(from: base, count: rest.count) }
    }
    var count = rest.count
    var end = lastLineEnd(block, from: 0, to: count)
    while !ended && (count < blockSize || end == 0) {
      guard count <= blockSize + InputLimits.lineBytes else {
        throw .lineTooLong(file: path, offset: offset, limit: InputLimits.lineBytes)
      }
      let wanted = count < blockSize ? blockSize - count : 65_536
      block.reserve(count + wanted, keeping: count)
      let step = try Self.read(archive, into: block.base + count, count: wanted, path: path)
      if step == 0 { try finish() }
      end = max(end, lastLineEnd(block, from: count, to: count + step))
      count += step
    }
    if ended { end = count }
    rest = Array(UnsafeBufferPointer(start: block.base + end, count: count - end))
    offset += end
    block.index = index
    block.start = 0
    block.end = end
    index += 1
    return end > 0
  }

  /// The position after the last line end in a part of the block; 0 without one.
  private func lastLineEnd(_ block: ByteBlock, from start: Int, to end: Int) -> Int {
    var position = end
    while position > start {
      if block.base[position - 1] == 0x0A { return position }
      position -= 1
    }
    return 0
  }

  /// Marks the end, after making sure that no second file follows.
  private func finish() throws(ImportError) {
    ended = true
    var entry: OpaquePointer?
    let first = path
    while true {
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { return }
      guard status == ARCHIVE_OK else {
        throw .damagedArchive(file: path, reason: Self.reason(archive))
      }
      if Self.isSkipped(entry) { continue }
      let second = archive_entry_pathname(entry).map { String(cString: $0) } ?? "?"
      throw .severalFilesInArchive(file: path, first: first, second: second)
    }
  }
}
