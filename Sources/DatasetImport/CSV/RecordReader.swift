internal import Foundation

/// Reads the records of a CSV file one by one, with the quoting of RFC 4180: a quoted field may
/// hold commas, line ends and doubled quotes.
final class RecordReader {
  /// What is wrong with the record read last; the reader can go on after it.
  enum Fault: Equatable { case none, textAfterQuote(column: Int) }

  let path: String
  let names: [String]
  /// The line on which the record read last begins; the header is line 1.
  private(set) var line = 1
  private(set) var fault = Fault.none
  private(set) var bytesRead = 0
  let byteCount: Int?

  private let feed: BlockFeed
  private let block: ByteBlock
  private var file = 0
  private var isAtEnd = false
  private var nextLine = 2
  /// The fields of the record, one after another without their quotes.
  private let text = ByteBlock(capacity: 4096)
  private var textCount = 0
  private var ends: [Int] = []

  init(path: String, blockSize: Int) throws(ImportError) {
    self.path = path
    feed = try BlockFeed(paths: [path], blockSize: blockSize)
    names = try HeaderLine.names(feed.sources[0].header, file: path)
    byteCount = feed.byteCount
    block = ByteBlock(capacity: blockSize)
  }

  /// The number of fields of the record read last.
  var count: Int { ends.count }

  /// A field of the record read last, valid until the next one is read.
  subscript(column: Int) -> UnsafeBufferPointer<UInt8> {
    let start = column == 0 ? 0 : ends[column - 1]
    return UnsafeBufferPointer(start: text.base + start, count: ends[column] - start)
  }

  /// Reads the next record that is not an empty line; false at the end.
  func next() throws(ImportError) -> Bool {
    while true {
      guard try refill() else { return false }
      line = nextLine
      let byte = block.base[block.start]
      if byte == 0x0A {
        block.start += 1
        nextLine += 1
      } else if byte == 0x0D && block.start + 1 < block.end && block.base[block.start + 1] == 0x0A {
        block.start += 2
        nextLine += 1
      } else {
        try readRecord()
        return true
      }
    }
  }

  /// Makes sure that there is a byte to read; false at the end.
  private func refill() throws(ImportError) -> Bool {
    while block.start >= block.end {
      if isAtEnd { return false }
      isAtEnd = try !feed.next(into: block, file: &file)
      if isAtEnd { return false }
      bytesRead += block.end - block.start
    }
    return true
  }

  private func readRecord() throws(ImportError) {
    ends.removeAll(keepingCapacity: true)
    textCount = 0
    fault = .none
    var isLast = false
    while !isLast {
      if try refill(), block.base[block.start] == 0x22 {
        block.start += 1
        try readQuoted()
      }
      isLast = try readPlain()
      ends.append(textCount)
    }
  }

  /// Reads up to the closing quote and over it.
  private func readQuoted() throws(ImportError) {
    let begun = textCount
    while true {
      guard try refill(), textCount - begun <= InputLimits.lineBytes else {
        throw .unclosedQuote(file: path, line: line)
      }
      let byte = block.base[block.start]
      block.start += 1
      if byte == 0x22 {
        guard try refill(), block.base[block.start] == 0x22 else { break }
        block.start += 1
      } else if byte == 0x0A {
        nextLine += 1
      }
      append(byte)
    }
    guard block.start < block.end else { return }
    let next = block.base[block.start]
    if next != 0x2C && next != 0x0A && next != 0x0D {
      fault = .textAfterQuote(column: ends.count)
    }
  }

  /// Reads up to the next comma or line end and over it; whether the record ends there.
  private func readPlain() throws(ImportError) -> Bool {
    while try refill() {
      let byte = block.base[block.start]
      block.start += 1
      if byte == 0x2C { return false }
      if byte == 0x0A {
        nextLine += 1
        return true
      }
      if byte == 0x0D {
        if try !refill() { return true }
        if block.base[block.start] == 0x0A { continue }
      }
      append(byte)
    }
    return true
  }

  private func append(_ byte: UInt8) {
    text.reserve(textCount + 1, keeping: textCount)
    text.base[textCount] = byte
    textCount += 1
  }
}
