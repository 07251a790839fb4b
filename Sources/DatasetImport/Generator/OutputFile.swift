internal import Foundation

/// A file written from start to end; removed again when the writing fails.
final class OutputFile {
  private let path: String
  private let descriptor: Int32
  private(set) var count = 0
  private var isComplete = false

  init(path: String) throws(ImportError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .unwritable(file: path, reason: String(cString: strerror(errno)))
    }
  }

  deinit {
    guard descriptor >= 0, !isComplete else { return }
    close(descriptor)
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG { unlink(path) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(ImportError) {
    var rest = bytes
    while let base = rest.baseAddress, rest.count > 0 {
      let step = Foundation.write(descriptor, base, rest.count)
      if step < 0 && errno == EINTR { continue }
      guard step > 0 else {
        throw .unwritable(file: path, reason: String(cString: strerror(errno)))
      }
      count += step
      rest = UnsafeRawBufferPointer(rebasing: rest[step...])
    }
  }

  func write(_ text: String) throws(ImportError) {
    let bytes = Array(text.utf8)
    var failure: ImportError?
    bytes.withUnsafeBytes { bytes in
      do throws(ImportError) {
        try write(bytes)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Closes the file, which then stays.
  func finish() throws(ImportError) {
    isComplete = true
    guard close(descriptor) == 0 else {
      throw .unwritable(file: path, reason: String(cString: strerror(errno)))
    }
  }
}
