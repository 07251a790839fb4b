internal import Foundation
internal import Synchronization

/// Reads a regular, uncompressed file with positioned reads; blocks are claimed one at a time and
/// read by the thread that claimed them.
///
/// A line belongs to the block in which it begins. Memory mapping would count the file's pages as
/// the process's own, so the file is read into each worker's block instead.
final class PlainBlockSource: BlockSource {
  let header: [UInt8]
  private let path: String
  private let descriptor: Int32
  private let size: Int
  private let dataStart: Int
  private let blockSize: Int
  private let claimed = Atomic<Int>(0)

  var byteCount: Int? { size - dataStart }

  /// Takes over an open descriptor and reads the header line.
  init(path: String, descriptor: Int32, size: Int, blockSize: Int) throws(ImportError) {
    self.path = path
    self.descriptor = descriptor
    self.size = size
    self.blockSize = blockSize
    var line: [UInt8] = []
    var offset = 0
    var found = false
    while !found && offset < size {
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = chunk.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress, $0.count, offset)
      }
      guard count > 0 else {
        close(descriptor)
        throw .unreadable(file: path, reason: Self.reason(count))
      }
      let newline = chunk[..<count].firstIndex(of: 0x0A)
      line.append(contentsOf: chunk[..<(newline ?? count)])
      offset += newline.map { $0 + 1 } ?? count
      found = newline != nil
      guard line.count <= InputLimits.lineBytes else {
        close(descriptor)
        throw .lineTooLong(file: path, offset: 0, limit: InputLimits.lineBytes)
      }
    }
    dataStart = offset
    header = HeaderLine.trimmed(line)
  }

  deinit { close(descriptor) }

  func next(into block: ByteBlock) throws(ImportError) -> Bool {
    let index = claimed.add(1, ordering: .relaxed).oldValue
    let start = dataStart + index * blockSize
    guard start < size else { return false }
    let end = min(start + blockSize, size)
    // The byte before the block tells whether a line begins with the block.
    let lead = 1
    var count = end - start + lead
    block.reserve(count, keeping: 0)
    try read(into: block.base, count: count, offset: start - lead)
    block.index = index
    block.start = lead
    if index > 0 && block.base[0] != 0x0A {
      guard let newline = memchr(block.base + lead, 0x0A, count - lead) else {
        block.start = 0
        block.end = 0
        return true
      }
      block.start = UnsafeMutableRawPointer(block.base).distance(to: newline) + 1
    }
    if block.start < count {
      try complete(block, count: &count, offset: start - lead)
    }
    block.end = count
    return true
  }

  /// Reads on until the last line of the block is whole.
  private func complete(
    _ block: ByteBlock, count: inout Int, offset: Int
  ) throws(ImportError) {
    let begun = count
    while block.base[count - 1] != 0x0A && offset + count < size {
      guard count - begun <= InputLimits.lineBytes else {
        throw .lineTooLong(file: path, offset: offset + begun, limit: InputLimits.lineBytes)
      }
      let more = min(1024, size - offset - count)
      block.reserve(count + more, keeping: count)
      try read(into: block.base + count, count: more, offset: offset + count)
      if let newline = memchr(block.base + count, 0x0A, more) {
        count = UnsafeMutableRawPointer(block.base).distance(to: newline) + 1
        return
      }
      count += more
    }
  }

  private func read(
    into memory: UnsafeMutablePointer<UInt8>, count: Int, offset: Int
  ) throws(ImportError) {
    var done = 0
    while done < count {
      let step = pread(descriptor, memory + done, count - done, offset + done)
      if step < 0 && errno == EINTR { continue }
      guard step > 0 else { throw .unreadable(file: path, reason: Self.reason(step)) }
      done += step
    }
  }

  private static func reason(_ count: Int) -> String {
    count == 0 ? "it became shorter while it was read" : String(cString: strerror(errno))
  }
}
