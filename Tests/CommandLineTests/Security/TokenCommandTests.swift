internal import Foundation
internal import TestSupport
internal import Testing

/// Tokens from outside: made, served, presented, replaced, and never told.
@Suite(.serialized) struct TokenCommandTests {
  private static let made = Result { try ServingWorkspace() }

  private let bank: ServingWorkspace
  private let folder: TemporaryFolder

  init() throws {
    bank = try Self.made.get()
    folder = try TemporaryFolder()
  }

  private struct Token {
    var text: String
    var line: String
    var file: String
  }

  /// Has a token made, and kept as its holder would.
  private func token(_ name: String, _ roles: String) throws -> Token {
    let run = try CommandRun.run(["tokens", "new", "--name", name, "--roles", roles, "--json"])
    try #require(run.exitCode == 0, "\(run.errors)")
    let (text, line) = (run.json["token"] as? String ?? "", run.json["line"] as? String ?? "")
    #expect(run.output.hasPrefix("token  \(text)\nline   \(line)\n"))
    let file = folder.file("\(name)-\(UUID().uuidString).token")
    try (text + "\n").write(toFile: file, atomically: true, encoding: .utf8)
    return Token(text: text, line: line, file: file)
  }

  private func write(_ tokens: [Token]) throws -> String {
    let path = folder.file("tokens.txt")
    try tokens.map { $0.line + "\n" }.joined().write(
      toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func rolesDecideAndTheLogTellsNoToken() throws {
    let reader = try token("reader", "read")
    let stranger = try token("stranger", "read")
    let server = try bank.serve("--log-level", "trace", "--tokens", write([reader]))
    let answer = try server.recommend("--token-file", reader.file)
    #expect(answer.exitCode == 0, "\(answer.errors)")
    let nobody = try server.recommend()
    #expect(nobody.exitCode == 77)
    #expect(
      nobody.errors
        == "teller: UNAUTHENTICATED: this server asks for a token: present one first\n")
    let unknown = try server.recommend("--token-file", stranger.file)
    #expect(unknown.exitCode == 77)
    #expect(unknown.errors == "teller: UNAUTHENTICATED: the token is not known\n")
    let feedback = try CommandRun.run([
      "feedback", "--server", server.address, "--user", "1", "--item", "x", "--type", "shown",
      "--token-file", reader.file,
    ])
    #expect(feedback.exitCode == 77)
    #expect(
      feedback.errors
        == "teller: PERMISSION_DENIED: reader may not call Feedback: that needs the role feedback\n"
    )
    let log = server.logAtEnd()
    for secret in [reader.text, stranger.text] {
      #expect(!log.contains(secret))
      // Nor the longest part of it that a line break or a quote might have left.
      #expect(!log.contains(secret.dropFirst(7).prefix(12)))
    }
    #expect(log.components(separatedBy: "PERMISSION_DENIED").count == 2, "once:\n\(log)")
    #expect(log.contains("is reader"))
  }

  @Test func hangUpReplacesTokens() throws {
    let (old, new) = (try token("batch", "read"), try token("batch", "read"))
    let path = try write([old])
    let server = try bank.serve("--tokens", path)
    #expect(try server.recommend("--token-file", old.file).exitCode == 0)
    // A file that cannot be used changes nothing.
    try "batch reed \(String(repeating: "0", count: 64))\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    #expect(server.hangUp(untilLogged: "\(path):1").contains("those of before stay in force"))
    #expect(try server.recommend("--token-file", old.file).exitCode == 0)
    _ = try write([new])
    #expect(server.hangUp(untilLogged: "are read anew").contains("are read anew"))
    #expect(try server.recommend("--token-file", new.file).exitCode == 0)
    let withdrawn = try server.recommend("--token-file", old.file)
    #expect(withdrawn.errors == "teller: UNAUTHENTICATED: the token is not known\n")
    #expect(server.logAtEnd().contains("\(path):1: roles are some of"))
  }

  @Test func tokensThatCannotBe() throws {
    let file = try write([try token("reader", "read")])
    for (arguments, code, part) in [
      (["tokens", "new", "--name", "a b", "--roles", "read"], 64, "a name is 1 to 64"),
      (["tokens", "new", "--name", "a", "--roles", "reed"], 64, "--roles"),
      (["tokens", "new", "--name", "a", "--roles", ""], 64, "--roles"),
      (
        ["recommend", "--user", "1", "--server", "192.0.2.1:7001", "--token-file", file], 64,
        "would travel to 192.0.2.1 in the clear: add --tls, or --insecure"
      ),
      (["recommend", "--user", "1", "--token-file", "/nowhere"], 66, "/nowhere: No such file"),
      (["recommend", "--user", "1", "--token-file", "/dev/null"], 65, "the first line must be"),
    ] as [([String], Int32, String)] {
      let run = try CommandRun.run(arguments)
      #expect(run.exitCode == code, "\(arguments): \(run.errors)")
      #expect(run.errors.contains(part), "\(run.errors)")
    }
  }
}
