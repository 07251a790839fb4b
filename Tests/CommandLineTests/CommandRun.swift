internal import Foundation

/// A finished run of a program.
struct CommandRun {
  let exitCode: Int32
  let output: String
  let errors: String

  /// The last line of the output, read as a JSON object.
  var json: [String: Any] {
    guard let line = output.split(separator: "\n").last,
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    else { return [:] }
    return object
  }

  /// The package's folder.
  static var package: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  /// The built program, beside the tests that run.
  static var teller: URL {
    let debug = package.appendingPathComponent(".build/debug/teller")
    guard let path = ProcessInfo.processInfo.environment["TELLER_BINARY"] else { return debug }
    return URL(fileURLWithPath: path)
  }

  /// The C client's sample program, built by `make clients`.
  static var sample: URL { package.appendingPathComponent("clients/c/build/teller-sample") }

  /// Starts `teller` or another program; its output goes to pipes.
  static func start(
    _ arguments: [String], program: URL = teller, input: String? = nil
  ) throws -> (process: Process, output: Pipe, errors: Pipe) {
    let process = Process()
    let output = Pipe()
    let errors = Pipe()
    process.executableURL = program
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = errors
    if let input {
      process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input))
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    try process.run()
    return (process, output, errors)
  }

  /// Runs a program to its end.
  static func run(
    _ arguments: [String], program: URL = teller, input: String? = nil
  ) throws -> CommandRun {
    let (process, output, errors) = try start(arguments, program: program, input: input)
    // Errors are read on another thread: a full pipe would stop the program.
    let collector = PipeCollector(errors)
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let errorText = collector.wait()
    process.waitUntilExit()
    return CommandRun(
      exitCode: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: errorText)
  }
}

/// Reads a pipe to its end on a thread of its own.
final class PipeCollector: @unchecked Sendable {
  /// Guards the two below and tells of their changes.
  private let changed = NSCondition()
  private var data = Data()
  private var isClosed = false

  init(_ pipe: Pipe) {
    let handle = pipe.fileHandleForReading
    Thread.detachNewThread { [self] in
      while true {
        let piece = handle.availableData
        changed.withLock {
          data += piece
          isClosed = piece.isEmpty
          changed.broadcast()
        }
        if piece.isEmpty { break }
      }
    }
  }

  /// The text, once the pipe was closed.
  func wait() -> String { wait { _ in false } }

  /// The text so far, once it contains this; all of it when the pipe is closed before.
  func wait(for text: String) -> String { wait { $0.contains(text) } }

  private func wait(until isEnough: (String) -> Bool) -> String {
    changed.withLock {
      while true {
        let text = String(decoding: data, as: UTF8.self)
        if isClosed || isEnough(text) { return text }
        changed.wait()
      }
    }
  }
}
