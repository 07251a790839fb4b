internal import Digests

/// A secret that names its holder: whoever presents it may do what its line in the token file says.
public struct BearerToken: Sendable {
  /// What the client presents: `teller_` and 43 characters of base64url, 32 random bytes in all.
  public let text: String

  /// Draws a token; the generator must be the system's or as unguessable.
  public static func generate(using generator: inout some RandomNumberGenerator) -> BearerToken {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    // 42 characters of six random bits and one of four make 256 bits.
    var characters = (0..<42).map { _ in alphabet[Int(generator.next() as UInt64 >> 58)] }
    characters.append(alphabet[Int(generator.next() as UInt64 >> 60) << 2])
    // A fixed beginning lets scanners find tokens that were committed or mailed by mistake.
    return BearerToken(text: "teller_" + String(decoding: characters, as: UTF8.self))
  }

  /// The line of a token file that lets this token in. Throws `refused` when the name or the roles
  /// cannot stand in a line.
  public func line(name: String, roles: Roles) throws(SecurityError) -> String {
    if let reason = TokenTable.complaint(aboutName: name) { throw .refused(reason: reason) }
    if roles.description.isEmpty { throw .refused(reason: "a token needs at least one role") }
    var text = text
    let digest = text.withUTF8 { SHA256.hash(UnsafeRawBufferPointer($0)) }
    return "\(name) \(roles) \(digest.hexadecimal)"
  }

  /// Reads the token a client presents from a file: its first line, 1 to 1024 printable ASCII
  /// characters. Throws `unreadable` or `invalidTokenFile`.
  public static func read(path: String) throws(SecurityError) -> BearerToken {
    let bytes = try SecurityFile.read(path)
    let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
    guard (1...ProtocolVersion1.maxTokenBytes).contains(line.count),
      line.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw .invalidTokenFile(
        path: path,
        reason: "the first line must be a token of 1 to \(ProtocolVersion1.maxTokenBytes)"
          + " printable characters without spaces")
    }
    return BearerToken(text: String(decoding: line, as: UTF8.self))
  }
}
