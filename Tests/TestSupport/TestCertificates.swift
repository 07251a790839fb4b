internal import Foundation

/// Certificates made by `openssl` for one test run: an authority, a stranger's authority, and what
/// they have signed. Keys are on the P-256 curve, so that making them takes no time.
public final class TestCertificates: Sendable {
  /// `openssl` is not there, or did not do as it was told.
  public struct Failure: Error, CustomStringConvertible {
    /// What was to be done, and what `openssl` said.
    public let description: String
  }

  private let folder: TemporaryFolder

  /// Makes them all.
  ///
  /// - Throws: `Failure` when the program `openssl` cannot.
  public init() throws {
    folder = try TemporaryFolder()
    for authority in ["authority", "stranger"] {
      try makeKey(authority)
      try openssl([
        "req", "-x509", "-new", "-key", key(authority), "-out", certificate(authority),
        "-subj", "/CN=\(authority) of the tests", "-days", "3650",
      ])
    }
    let local = "DNS:localhost,IP:127.0.0.1"
    try sign("server", by: "authority", names: local)
    try sign("renewed", by: "authority", names: local)
    try sign("expired", by: "authority", names: local, days: -1)
    try sign("elsewhere", by: "authority", names: "DNS:elsewhere.example,IP:192.0.2.1")
    try sign("client", by: "authority", names: "DNS:client.example")
    try sign("expired-client", by: "authority", names: "DNS:client.example", days: -1)
    try sign("strange-client", by: "stranger", names: "DNS:client.example")
  }

  /// The PEM file of a certificate: `authority`, `stranger`, `server`, `renewed`, `expired`,
  /// `elsewhere`, `client`, `expired-client` or `strange-client`.
  public func certificate(_ name: String) -> String { folder.file("\(name).pem") }

  /// The PEM file of its private key.
  public func key(_ name: String) -> String { folder.file("\(name).key") }

  private func makeKey(_ name: String) throws {
    try openssl(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key(name)])
  }

  private func sign(_ name: String, by authority: String, names: String, days: Int = 3650) throws {
    try makeKey(name)
    let request = folder.file("\(name).csr")
    try openssl(["req", "-new", "-key", key(name), "-subj", "/CN=\(name)", "-out", request])
    let extensions = folder.file("\(name).ext")
    try "subjectAltName=\(names)\n".write(toFile: extensions, atomically: true, encoding: .utf8)
    try openssl([
      "x509", "-req", "-in", request, "-CA", certificate(authority), "-CAkey", key(authority),
      "-CAcreateserial", "-days", "\(days)", "-extfile", extensions, "-out", certificate(name),
    ])
  }

  private func openssl(_ arguments: [String]) throws {
    let process = Process()
    let errors = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    let text = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(
        description: "openssl \(arguments.joined(separator: " ")): "
          + String(decoding: text, as: UTF8.self))
    }
  }
}
