internal import Digests
internal import Foundation
internal import Testing

@testable internal import RecommenderRPC

/// Token files: what is read, and what is refused in which line.
@Suite struct TokenTableTests {
  private static let hash = String(repeating: "ab", count: 32)
  private static let otherHash = String(repeating: "cd", count: 32)

  private func complaint(_ text: String) -> SecurityError? {
    do {
      _ = try TokenTable(text: text, path: "tokens.txt")
      return nil
    } catch {
      return error
    }
  }

  @Test func linesAreRead() throws {
    let table = try TokenTable(
      text: "# who may call\n\n marketing\tread,feedback   \(Self.hash)\r\n"
        + "ops admin \(Self.otherHash.uppercased())", path: "tokens.txt")
    #expect(table.count == 2)
    #expect(table.entries.map(\.name) == ["marketing", "ops"])
    #expect(table.entries.map(\.roles) == [[.read, .feedback], .admin])
    let digest = try #require(Digest(hexadecimal: Self.otherHash))
    #expect(table.entry(for: digest)?.name == "ops")
    let stranger = try #require(Digest(hexadecimal: String(repeating: "0", count: 64)))
    #expect(table.entry(for: stranger) == nil)
  }

  @Test func oneNameMayHaveTwoTokens() throws {
    let table = try TokenTable(
      text: "ops admin \(Self.hash)\nops admin \(Self.otherHash)\n", path: "tokens.txt")
    #expect(table.count == 2)
  }

  @Test(arguments: [
    ("ops admin", 1, "a name, roles and a hash, not 2 fields"),
    ("# c\nops admin \(hash) more", 2, "not 4 fields"),
    ("ops reed \(hash)", 1, "read, feedback, catalogue, admin"),
    ("ops read,,admin \(hash)", 1, "parted by commas"),
    ("ops read, \(hash)", 1, "parted by commas"),
    ("o/s read \(hash)", 1, "a name is 1 to 64"),
    ("ops read secret-token", 1, "64 hexadecimal digits"),
    ("ops read \(hash)\nops read \(hash)", 2, "the same token as in line 1"),
  ])
  func badLines(_ text: String, _ line: Int, _ part: String) throws {
    let error = try #require(complaint(text))
    guard case .invalidTokenLine("tokens.txt", line, let reason) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(reason.contains(part), "\(reason)")
    #expect("\(error)".hasPrefix("tokens.txt:\(line): "))
    // A token that was put into the file by mistake must not get into a log from there.
    #expect(!reason.contains("secret-token"))
  }

  @Test func namesUpToTheirLimit() {
    let longest = String(repeating: "n", count: TokenTable.maxNameLength)
    #expect(complaint("\(longest) read \(Self.hash)") == nil)
    #expect(complaint("\(longest)n read \(Self.hash)") != nil)
  }

  @Test func fileWithoutATokenIsRefused() {
    #expect(
      complaint("# nobody yet\n")
        == .invalidTokenFile(
          path: "tokens.txt",
          reason: "no token in it: nobody could call; see 'teller tokens new'"))
  }

  @Test func tokensUpToTheirLimit() throws {
    func text(_ count: Int) -> String {
      (0..<count).map { number in
        let digits = String(number, radix: 16)
        return "n\(number) read " + String(repeating: "0", count: 64 - digits.count) + digits
      }.joined(separator: "\n")
    }
    let full = try TokenTable(text: text(TokenTable.maxTokens), path: "tokens.txt")
    #expect(full.count == 1000)
    #expect(
      complaint(text(TokenTable.maxTokens + 1))
        == .invalidTokenLine(
          path: "tokens.txt", line: 1001, reason: "a file holds at most 1000 tokens"))
  }

  @Test func filesUpToTheirLimitAndOnlyThoseOthersCannotWrite() throws {
    let path = NSTemporaryDirectory() + "tokens-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    func write(_ bytes: Int, permissions: Int = 0o600) throws {
      let line = "ops admin \(Self.hash)\n"
      let text = line + String(repeating: "#", count: bytes - line.utf8.count)
      try text.write(toFile: path, atomically: false, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
    }
    func read() -> String {
      do { return "\(try TokenTable(path: path).count)" } catch { return "\(error)" }
    }
    #expect(read() == "\(path): No such file or directory")
    try write(SecurityFile.maxBytes)
    #expect(read() == "1")
    try write(SecurityFile.maxBytes + 1)
    #expect(read() == "\(path): longer than 1048576 bytes")
    try write(100, permissions: 0o602)
    #expect(read() == "\(path): everybody may write it, and so let anybody in: chmod o-w it")
    try write(100, permissions: 0o644)
    #expect(read() == "1")
  }
}

/// Tokens as they are made and kept.
@Suite struct BearerTokenTests {
  /// Counts up, so that every bit of the token can be foretold.
  private struct Counting: RandomNumberGenerator {
    var upcoming: UInt64 = 0
    mutating func next() -> UInt64 {
      defer { upcoming &+= 1 << 58 }
      return upcoming
    }
  }

  @Test func tokenIsMadeOfTheGeneratorsBits() throws {
    var generator = Counting()
    let token = BearerToken.generate(using: &generator)
    // Six bits count from 0 to 41; of the next, 42 or 101010, the first four, 1010, are kept.
    #expect(token.text == "teller_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopo")
    #expect(token.text.utf8.count == 50)
  }

  @Test func lineLetsTheTokenInAndDoesNotHoldIt() throws {
    var generator = SystemRandomNumberGenerator()
    let token = BearerToken.generate(using: &generator)
    let line = try token.line(name: "marketing", roles: [.feedback, .read])
    #expect(line.hasPrefix("marketing read,feedback "))
    #expect(!line.contains(token.text))
    let table = try TokenTable(text: line, path: "tokens.txt")
    let digest = Array(token.text.utf8).withUnsafeBytes { SHA256.hash($0) }
    #expect(table.entry(for: digest)?.name == "marketing")
    #expect(throws: SecurityError.self) { try token.line(name: "two words", roles: .read) }
    #expect(throws: SecurityError.self) { try token.line(name: "nobody", roles: []) }
  }

  @Test func tokensDiffer() {
    var generator = SystemRandomNumberGenerator()
    let tokens = Set((0..<1000).map { _ in BearerToken.generate(using: &generator).text })
    #expect(tokens.count == 1000)
  }

  @Test(arguments: [
    ("t0ken\nrest", true), (String(repeating: "t", count: 1024), true),
    (String(repeating: "t", count: 1025), false), ("", false), ("\nt0ken", false),
    ("two words", false), ("tökén", false),
  ])
  func tokenIsReadFromAFilesFirstLine(_ text: String, _ isGood: Bool) throws {
    let path = NSTemporaryDirectory() + "token-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    if isGood {
      #expect(try BearerToken.read(path: path).text == text.split(separator: "\n")[0])
    } else {
      #expect(throws: SecurityError.self) { try BearerToken.read(path: path) }
    }
  }
}
