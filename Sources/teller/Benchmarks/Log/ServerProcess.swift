internal import Foundation

/// A `teller serve` of this very program on a free port, to be killed.
final class ServerProcess {
  /// The server ended before it listened.
  struct DidNotStart: Error, CustomStringConvertible {
    var description: String { "the server did not start; run 'teller serve' to see why" }
  }

  /// Where it listens.
  let port: Int
  private let process = Process()

  /// Starts the server and returns when it answers.
  ///
  /// - Parameters:
  ///   - workspace: what it serves from.
  ///   - instance: the run its answers are named after, which what they explore depends on.
  /// - Throws: ``DidNotStart``, and what `Process` throws.
  init(workspace: String, instance: UInt64) throws {
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [
      "serve", "--listen", "127.0.0.1:0", "--workspace", workspace, "--log-level", "error",
      "--instance", String(instance),
    ]
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
}
