internal import Foundation

/// The lines of several files, block by block, for any number of threads.
final class BlockFeed: Sendable {
  let paths: [String]
  let sources: [any BlockSource]

  /// Opens every file and reads its header line.
  init(paths: [String], blockSize: Int) throws(ImportError) {
    precondition(
      (1...InputLimits.blockBytes).contains(blockSize), "blocks of \(blockSize) bytes")
    guard !paths.isEmpty else { throw .noInput }
    if let twice = Dictionary(grouping: paths, by: { $0 })["-"], twice.count > 1 {
      throw .unreadable(file: "-", reason: "standard input is named twice")
    }
    var sources: [any BlockSource] = []
    for path in paths {
      let source = try Self.open(path, blockSize: blockSize)
      guard !source.header.isEmpty else { throw .emptyFile(file: path) }
      sources.append(source)
    }
    self.paths = paths
    self.sources = sources
  }

  /// The bytes of all files after their headers; nil when one is compressed or a stream.
  var byteCount: Int? {
    var sum = 0
    for source in sources {
      guard let count = source.byteCount else { return nil }
      sum += count
    }
    return sum
  }

  /// Fills a block with the next lines, going on from file to file; false at the end of the last.
  func next(into block: ByteBlock, file: inout Int) throws(ImportError) -> Bool {
    while file < sources.count {
      if try sources[file].next(into: block) {
        block.file = file
        return true
      }
      file += 1
    }
    return false
  }

  private static func open(_ path: String, blockSize: Int) throws(ImportError) -> any BlockSource {
    if path == "-" {
      return try ArchiveBlockSource(
        path: "-", descriptor: STDIN_FILENO, closesDescriptor: false, blockSize: blockSize)
    }
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
      close(descriptor)
      throw .unreadable(file: path, reason: "it is a folder")
    }
    let size = Int(status.st_size)
    if status.st_mode & S_IFMT == S_IFREG {
      if size == 0 {
        close(descriptor)
        throw .emptyFile(file: path)
      }
      if !isCompressed(descriptor) {
        return try PlainBlockSource(
          path: path, descriptor: descriptor, size: size, blockSize: blockSize)
      }
    }
    return try ArchiveBlockSource(
      path: path, descriptor: descriptor, closesDescriptor: true, blockSize: blockSize)
  }

  /// Whether the first bytes are those of gzip, zip, bzip2, xz or Zstandard.
  private static func isCompressed(_ descriptor: Int32) -> Bool {
    var start = [UInt8](repeating: 0, count: 6)
    let count = start.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    let magics: [[UInt8]] = [
      [0x1F, 0x8B], [0x50, 0x4B, 0x03, 0x04], [0x42, 0x5A, 0x68],
      [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], [0x28, 0xB5, 0x2F, 0xFD],
    ]
    return magics.contains { magic in
      count >= magic.count && start.prefix(magic.count).elementsEqual(magic)
    }
  }
}
