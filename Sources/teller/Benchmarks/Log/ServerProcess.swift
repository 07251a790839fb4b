internal import Foundation

/// A `teller serve` of this very program on a free port, to be killed or stopped.
final class ServerProcess {
  /// The server ended before it listened.
  struct DidNotStart: Error, CustomStringConvertible {
    var description: String { "the server did not start; run 'teller serve' to see why" }
  }

  /// The server did not end as one that is well.
  struct DidNotStop: Error, CustomStringConvertible {
    var description: String { "the server did not stop in good order" }
  }

  /// Where it listens.
  let port: Int
  /// The process it is.
  var processIdentifier: Int32 { process.processIdentifier }
  /// Whether it has not ended, by itself or otherwise.
  var isRunning: Bool { process.isRunning }
  private let process = Process()

  /// Starts the server and returns when it answers.
  ///
  /// - Parameters:
  ///   - workspace: what it serves from.
  ///   - instance: the run its answers are named after, which what they explore depends on.
  ///   - checkpointEvents: the events after which it renews its checkpoint; 0 for none, nil for
  ///     what is so by default.
  ///   - isQuiet: whether what it logs goes nowhere.
  /// - Throws: ``DidNotStart``, and what `Process` throws.
  init(
    workspace: String, instance: UInt64, checkpointEvents: Int? = nil, isQuiet: Bool = false
  ) throws {
    let output = Pipe()
    process.executableURL = ChildRun.program
    process.arguments = [
      "serve", "--listen", "127.0.0.1:0", "--workspace", workspace, "--log-level", "error",
      "--instance", String(instance),
    ]
    if let checkpointEvents {
      process.arguments? += ["--checkpoint-events", "\(checkpointEvents)"]
    }
    if isQuiet { process.standardError = FileHandle.nullDevice }
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty,
      byte != Data("\n".utf8)
    { line += byte }
    let text = String(decoding: line, as: UTF8.self)
    guard text.hasPrefix("listening "), let colon = text.lastIndex(of: ":"),
      let port = Int(text[text.index(after: colon)...])
    else { throw DidNotStart() }
    self.port = port
  }

  deinit { kill() }

  /// Ends the server as a power cut would, but for the machine, and returns when it is gone.
  func kill() {
    guard process.isRunning else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Asks the server to end in good order.
  func requestStop() { Foundation.kill(process.processIdentifier, SIGTERM) }

  /// Whether it has ended by itself, not by a signal.
  var hasExited: Bool { !process.isRunning && process.terminationReason == .exit }

  /// Ends the server in good order, and returns when it is gone.
  ///
  /// - Returns: whether it said that all is well.
  func stop() -> Bool {
    guard process.isRunning else { return false }
    requestStop()
    process.waitUntilExit()
    return process.terminationReason == .exit && process.terminationStatus == 0
  }
}
