internal import Foundation
internal import TestSupport
internal import Testing

/// Where a server listens, with TLS or without, and with which files.
@Suite(.serialized) struct ListeningTests {
  private static let madeBank = Result { try ServingWorkspace() }
  private static let madeCertificates = Result { try TestCertificates() }

  private let bank: ServingWorkspace
  private let certificates: TestCertificates
  private let folder: TemporaryFolder

  init() throws {
    bank = try Self.madeBank.get()
    certificates = try Self.madeCertificates.get()
    folder = try TemporaryFolder()
  }

  private func tokens() throws -> String {
    let path = folder.file("tokens.txt")
    try "ops admin \(String(repeating: "a", count: 64))\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func tls(_ name: String) -> [String] {
    ["--tls-certificate", certificates.certificate(name), "--tls-key", certificates.key(name)]
  }

  private var trust: [String] { ["--tls-ca", certificates.certificate("authority")] }

  @Test(arguments: ["0.0.0.0:0", "[::]:0"])
  func openServerStaysOnLoopback(_ listen: String) throws {
    let run = try bank.refuse(listen: listen)
    #expect(run.exitCode == 64)
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    for option in ["--tls-certificate", "--tls-key", "--tokens", "--insecure", "127.0.0.1"] {
      #expect(run.errors.contains(option), "\(run.errors)")
    }
  }

  @Test func whatLetsAServerListenEverywhere() throws {
    for (options, warning) in [
      (["--insecure"], "insecure: anybody who reaches this server may call everything"),
      (["--tokens", try tokens()], "tokens and answers travel in the clear"),
      (tls("server"), "anybody who reaches this server may call everything: add --tokens"),
    ] {
      let server = try ServerRun(
        workspace: bank.workspace, listen: "0.0.0.0:0", options: options)
      #expect(server.address.hasPrefix("0.0.0.0:"))
      let log = server.logAtEnd()
      #expect(log.contains(warning), "\(log)")
    }
  }

  @Test func optionsAndFilesThatAreNoUse() throws {
    let bad = folder.file("bad.txt")
    try "# tokens\nops\n".write(toFile: bad, atomically: true, encoding: .utf8)
    let (certificate, key) = (certificates.certificate("server"), certificates.key("server"))
    for (options, code, part) in [
      (["--tls-key", key], 64, "--tls-certificate and --tls-key go together"),
      (["--tls-client-ca", certificate], 64, "--tls-client-ca needs --tls-certificate"),
      (["--tokens", "/nowhere"], 66, "teller: /nowhere: No such file or directory"),
      (["--tokens", bad], 65, "teller: \(bad):2: a line is a name, roles and a hash"),
      (
        ["--tls-certificate", certificate, "--tls-key", certificates.key("client")], 65,
        "the certificate and the key do not belong together"
      ),
    ] as [([String], Int32, String)] {
      let run = try CommandRun.run(["serve", "--workspace", bank.workspace] + options)
      #expect(run.exitCode == code, "\(options): \(run.errors)")
      #expect(run.errors.contains(part), "\(run.errors)")
    }
  }

  @Test func mutualTLSFromEndToEnd() throws {
    let server = try ServerRun(
      workspace: bank.workspace,
      options: tls("server") + ["--tls-client-ca", certificates.certificate("authority")])
    func ask(_ options: [String]) throws -> CommandRun {
      try CommandRun.run(["recommend", "--server", server.address, "--user", "1"] + options)
    }
    let known = try ask(trust + tls("client"))
    #expect(known.exitCode == 0, "\(known.errors)")
    let expectations: [([String], String)] = [
      (trust, "the server asks for a client certificate: none was shown"),
      (trust + tls("strange-client"), "its authority is not trusted there"),
      (
        ["--tls-ca", certificates.certificate("stranger")] + tls("client"),
        "the peer's certificate is not trusted"
      ),
      (["--tls"], "the peer's certificate is not trusted"),
      ([], "the server speaks TLS on this port"),
    ]
    for (options, part) in expectations {
      let run = try ask(options)
      #expect(run.exitCode == 77, "\(options): \(run.errors)")
      #expect(run.errors.contains(part), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }
    // One line each, and none for who was let in.
    let log = server.logAtEnd()
    #expect(
      log.components(separatedBy: "connection failed").count == 1 + expectations.count, "\(log)")
  }

  @Test func hangUpReplacesTheCertificate() throws {
    let paths = (folder.file("served.pem"), folder.file("served.key"))
    func put(_ name: String) throws {
      for (from, to) in [
        (certificates.certificate(name), paths.0), (certificates.key(name), paths.1),
      ] {
        try Data(contentsOf: URL(fileURLWithPath: from)).write(to: URL(fileURLWithPath: to))
      }
    }
    try put("expired")
    let server = try bank.serve("--tls-certificate", paths.0, "--tls-key", paths.1)
    let expired = try server.recommend(trust[0], trust[1])
    #expect(expired.exitCode == 77)
    #expect(expired.errors.contains("it has expired"), "\(expired.errors)")
    try put("renewed")
    #expect(server.hangUp(untilLogged: "are read anew").contains("are read anew"))
    let renewed = try server.recommend(trust[0], trust[1])
    #expect(renewed.exitCode == 0, "\(renewed.errors)")
    #expect(server.logAtEnd().contains("the certificate has expired"))
  }
}
