internal import Digests

/// Who may call a server: the lines of a token file.
///
/// A line is a name, roles and a hash, parted by spaces or tabs:
///
/// ```text
/// # name     roles          SHA-256 of the token, 64 hexadecimal digits
/// marketing  read,feedback  9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
/// ```
///
/// Empty lines and lines that begin with `#` say nothing. The file never holds a token itself, so
/// who reads it cannot call the server. Two lines may have the same name: that is how a token is
/// replaced without a gap.
public struct TokenTable: Sendable {
  /// Most lines with a token in one file.
  public static let maxTokens = 1000
  /// Longest name in characters.
  public static let maxNameLength = 64

  /// One caller.
  struct Entry: Sendable {
    var name: String
    var roles: Roles
    var digest: Digest
  }

  let entries: [Entry]

  /// How many tokens are let in.
  public var count: Int { entries.count }

  /// Reads a token file. Throws `unreadable`, `invalidTokenLine` with the line's number, and
  /// `invalidTokenFile` when it holds no token, too many, or may be written by everybody.
  public init(path: String) throws(SecurityError) {
    let bytes = try SecurityFile.read(path)
    if let permissions = SecurityFile.permissions(path), permissions & 0o002 != 0 {
      throw .invalidTokenFile(
        path: path, reason: "everybody may write it, and so let anybody in: chmod o-w it")
    }
    try self.init(text: String(decoding: bytes, as: UTF8.self), path: path)
  }

  /// Reads the text of a token file; `path` is named in errors.
  init(text: String, path: String) throws(SecurityError) {
    var entries: [Entry] = []
    var lines: [String: Int] = [:]
    let all = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in all.enumerated() {
      let fields = line.split(whereSeparator: \.isWhitespace)
      guard let first = fields.first, !first.hasPrefix("#") else { continue }
      let number = index + 1
      func complain(_ reason: String) -> SecurityError {
        .invalidTokenLine(path: path, line: number, reason: reason)
      }
      guard entries.count < Self.maxTokens else {
        throw complain("a file holds at most \(Self.maxTokens) tokens")
      }
      guard fields.count == 3 else {
        throw complain("a line is a name, roles and a hash, not \(fields.count) fields")
      }
      if let reason = Self.complaint(aboutName: String(first)) { throw complain(reason) }
      guard let roles = Roles(names: String(fields[1])) else {
        throw complain(
          "roles are some of read, feedback, catalogue, admin, parted by commas; not"
            + " \"\(fields[1].prefix(80))\"")
      }
      // What stands there is not repeated: it may be a token put here by mistake.
      guard let digest = Digest(hexadecimal: fields[2]) else {
        throw complain("the hash must be 64 hexadecimal digits, as 'teller tokens new' prints it")
      }
      if let earlier = lines.updateValue(number, forKey: digest.hexadecimal) {
        throw complain("the same token as in line \(earlier)")
      }
      entries.append(Entry(name: String(first), roles: roles, digest: digest))
    }
    guard !entries.isEmpty else {
      throw .invalidTokenFile(
        path: path, reason: "no token in it: nobody could call; see 'teller tokens new'")
    }
    self.entries = entries
  }

  /// Finds the caller whose token has this digest. Compares with every entry, so that the time it
  /// takes tells neither whether nor where there is one.
  func entry(for digest: Digest) -> Entry? {
    var found = -1
    for index in entries.indices where entries[index].digest.isEqual(digest) { found = index }
    return found < 0 ? nil : entries[found]
  }

  /// What is wrong with a name; nil for a good one.
  static func complaint(aboutName name: String) -> String? {
    let isGood =
      (1...maxNameLength).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
      }
    return isGood
      ? nil : "a name is 1 to \(maxNameLength) of the characters A-Z a-z 0-9 . _ -"
  }
}
