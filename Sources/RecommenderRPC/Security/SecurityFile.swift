internal import Glibc

/// Reading the small files that security is set up from.
enum SecurityFile {
  /// Longest file that is read, in bytes.
  static let maxBytes = 1 << 20

  /// The whole file, of at most `maxBytes`.
  static func read(_ path: String) throws(SecurityError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: maxBytes + 1)
    var count = 0
    while count < bytes.count {
      let space = bytes.count - count
      let got = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress! + count, space)
      }
      if got < 0 { throw failure(path) }
      if got == 0 { break }
      count += got
    }
    guard count <= maxBytes else {
      throw .unreadable(path: path, reason: "longer than \(maxBytes) bytes")
    }
    bytes.removeSubrange(count...)
    return bytes
  }

  /// The permission bits of a file; nil when it cannot be asked for.
  static func permissions(_ path: String) -> UInt32? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
  }

  private static func failure(_ path: String) -> SecurityError {
    .unreadable(path: path, reason: String(cString: strerror(errno)))
  }
}
