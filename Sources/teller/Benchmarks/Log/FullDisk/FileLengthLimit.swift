internal import Foundation

/// How long a process may make files: beyond, its writes fail as they do on a disk that is full.
enum FileLengthLimit {
  /// The limit could not be set.
  struct NotSet: Error, CustomStringConvertible {
    var description: String {
      "prlimit could not set a limit; it is part of the Debian package util-linux"
    }
  }

  /// Sets the limit of a process that runs, or takes it away.
  ///
  /// - Parameters:
  ///   - byteCount: the length; nil for none.
  ///   - processIdentifier: the process.
  /// - Throws: ``NotSet``, and what `Process` throws.
  static func set(_ byteCount: Int?, of processIdentifier: Int32) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // The soft limit alone, so that it can be raised again.
    process.arguments = [
      "prlimit", "--pid", "\(processIdentifier)",
      "--fsize=\(byteCount.map(String.init) ?? "unlimited"):",
    ]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw NotSet() }
  }
}
