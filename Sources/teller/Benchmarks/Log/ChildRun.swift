internal import Foundation

/// A finished run of this very program.
struct ChildRun {
  /// The exit code; nil when a signal ended it.
  let exitCode: Int32?
  let errors: String

  /// This program.
  static var program: URL {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
  }

  /// Whether it refused in one line, as a command does that meets bad data or an unreadable file.
  var hasRefused: Bool {
    (exitCode == 65 || exitCode == 66) && errors.hasPrefix("teller: ")
      && errors.split(separator: "\n").count == 1
  }

  /// Runs the program to its end.
  ///
  /// - Parameters:
  ///   - arguments: its arguments.
  ///   - outputPath: the file that its output goes to; one beside it takes what it says of errors.
  /// - Throws: what `Process` and files throw.
  init(_ arguments: [String], outputPath: String) throws {
    let errorPath = "\(outputPath).errors"
    let handles = try [outputPath, errorPath].map { path in
      _ = FileManager.default.createFile(atPath: path, contents: nil)
      return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    try process.run()
    process.waitUntilExit()
    for handle in handles { try handle.close() }
    exitCode = process.terminationReason == .exit ? process.terminationStatus : nil
    errors = String(decoding: try Data(contentsOf: URL(fileURLWithPath: errorPath)), as: UTF8.self)
  }
}
