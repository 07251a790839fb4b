internal import Foundation

/// A `teller serve` that runs on a free port until it is stopped.
final class ServerRun {
  let address: String
  private let process: Process
  private let output: Pipe
  private let errors: PipeCollector

  struct DidNotStart: Error {
    let errors: String
  }

  /// `fileBlockLimit`: the most blocks of 1024 bytes of a file the server may write.
  /// `openFileLimit`: the most files it may have open.
  init(
    workspace: String, model: String? = nil, listen: String = "127.0.0.1:0",
    options: [String] = [], fileBlockLimit: Int? = nil, openFileLimit: Int? = nil
  ) throws {
    let arguments =
      ["serve", "--listen", listen, "--workspace", workspace]
      + (model.map { ["--model", $0] } ?? []) + options
    let (process, output, errors) =
      if fileBlockLimit != nil || openFileLimit != nil {
        try CommandRun.start(
          [
            "-c",
            "ulimit -f \(fileBlockLimit.map(String.init) ?? "unlimited");"
              + " ulimit -n \(openFileLimit.map(String.init) ?? "$(ulimit -n)");"
              + " exec \"$0\" \"$@\"", CommandRun.teller.path,
          ] + arguments, program: URL(fileURLWithPath: "/bin/bash"))
      } else {
        try CommandRun.start(arguments)
      }
    self.process = process
    self.output = output
    self.errors = PipeCollector(errors)
    // The program says where it listens once it answers; end of file means that it ended.
    let text = try Self.line(of: output)
    guard text.hasPrefix("listening ") else { throw DidNotStart(errors: self.errors.wait()) }
    address = String(text.dropFirst("listening ".count))
  }

  private static func line(of output: Pipe) throws -> String {
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty,
      byte != Data("\n".utf8)
    { line += byte }
    return String(decoding: line, as: UTF8.self)
  }

  /// The next line it prints.
  func nextLine() throws -> String { try Self.line(of: output) }

  /// What it logged, once it has ended.
  func log() -> String { errors.wait() }

  /// What it logged so far, once that contains a text, or once it has ended.
  func log(until text: String) -> String { errors.wait(for: text) }

  /// Sends a signal and lets it go on.
  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  /// Sends a signal and returns the exit code, or the signal that ended the process.
  func stop(_ signal: Int32 = SIGTERM) -> Int32 {
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Sends SIGHUP and waits until the server has logged what came of it.
  func hangUp(untilLogged text: String) -> String {
    kill(process.processIdentifier, SIGHUP)
    return errors.wait(for: text)
  }

  /// Stops the server and returns everything it logged.
  func logAtEnd() -> String {
    _ = stop()
    return errors.wait()
  }

  /// Runs a command against the server and returns its JSON object.
  func call(_ arguments: String...) throws -> [String: Any] { try call(arguments) }

  /// See ``call(_:)``.
  func call(_ arguments: [String]) throws -> [String: Any] {
    try CommandRun.run(arguments + ["--server", address, "--json"]).json
  }
}
