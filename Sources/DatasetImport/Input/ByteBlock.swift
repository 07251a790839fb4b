/// A run of whole lines of one file, in memory that is used again for the next run.
final class ByteBlock: @unchecked Sendable {
  /// Readable bytes beyond the end, so that eight bytes can be loaded at any position.
  static let slack = 64

  /// The memory; the lines are `base[start..<end]`.
  private(set) var base: UnsafeMutablePointer<UInt8>
  private(set) var capacity: Int
  var start = 0
  var end = 0
  /// The place of the block in its file, counted from 0.
  var index = 0
  /// The place of the file in the input, counted from 0.
  var file = 0

  init(capacity: Int) {
    self.capacity = capacity
    base = .allocate(capacity: capacity + Self.slack)
    base.initialize(repeating: 0, count: capacity + Self.slack)
  }

  deinit { base.deallocate() }

  /// Makes room for `count` bytes, keeping the first `kept`.
  func reserve(_ count: Int, keeping kept: Int) {
    guard count > capacity else { return }
    let wider = max(count, capacity * 2)
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: wider + Self.slack)
    memory.initialize(repeating: 0, count: wider + Self.slack)
    memory.update(from: base, count: kept)
    base.deallocate()
    base = memory
    capacity = wider
  }
}

/// Gives the lines of one file, block by block, to whoever asks from any thread.
protocol BlockSource: AnyObject, Sendable {
  /// The first line, without its line end and byte order mark.
  var header: [UInt8] { get }
  /// The bytes after the header; nil when that is not known before they are read.
  var byteCount: Int? { get }
  /// Fills a block with the next lines; false at the end.
  func next(into block: ByteBlock) throws(ImportError) -> Bool
}

enum InputLimits {
  /// The longest line accepted, in bytes.
  static let lineBytes = 1 << 20
  /// The largest block, in bytes: a line's place in its block must fit 23 bits.
  static let blockBytes = 1 << 22
  /// The most columns a file may have.
  static let columns = 4096
}
