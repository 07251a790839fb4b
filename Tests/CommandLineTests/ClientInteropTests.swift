internal import Foundation
internal import TestSupport
internal import Testing

/// The C client's sample program and the Swift client against one running server.
///
/// `make test` builds the sample first; without it these tests fail rather than pass unseen.
struct ClientInteropTests {
  private let folder: TemporaryFolder
  private let server: ServerRun

  init() throws {
    folder = try TemporaryFolder()
    let workspace = ["--workspace", folder.file("workspace")]
    let bank = folder.file("bank.csv")
    for arguments in [
      ["generate", "--customers", "200", "--months", "4", "--out", bank],
      ["import", "santander", bank], ["train", "popularity"], ["train", "sims"],
    ] {
      let run = try CommandRun.run(arguments + workspace)
      try #require(run.exitCode == 0, "\(arguments): \(run.errors)")
    }
    try #require(
      FileManager.default.isExecutableFile(atPath: CommandRun.sample.path),
      "\(CommandRun.sample.path) is missing: run 'make clients'")
    server = try ServerRun(workspace: folder.file("workspace"), model: "sims")
  }

  private func sample(_ arguments: String...) throws -> CommandRun {
    try CommandRun.run(arguments + ["--server", server.address], program: CommandRun.sample)
  }

  /// The items and scores that the sample prints, a line each: rank, item, score.
  private func ranked(_ run: CommandRun) -> [(item: String, score: String)] {
    run.output.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count == 3, Int(fields[0]) != nil else { return nil }
      return (String(fields[1]), String(fields[2]))
    }
  }

  private func expectSame(_ run: CommandRun, _ answer: [String: Any]) throws {
    #expect(run.exitCode == 0, "\(run.errors)")
    let fromC = ranked(run)
    let items = try #require(answer["item_ids"] as? [String])
    let scores = try #require(answer["scores"] as? [Double])
    #expect(!items.isEmpty)
    #expect(fromC.map(\.item) == items)
    #expect(fromC.map(\.score) == scores.map { String(format: "%.6f", $0) })
  }

  @Test func bothClientsGetTheSameAnswers() throws {
    for customer in try customers().prefix(20) + ["nobody", "ü"] {
      try expectSame(
        try sample("recommend", "--user", customer, "--count", "5"),
        try server.call("recommend", "--user", customer, "--k", "5"))
    }
    for item in ["ind_recibo_ult1", "ind_nomina_ult1", "ind_aval_fin_ult1"] {
      try expectSame(
        try sample("similar", "--item", item, "--count", "4"),
        try server.call("similar", "--item", item, "--k", "4"))
    }
  }

  @Test func feedbackOfOneIsSeenByTheOther() throws {
    let customer = try #require(try customers().first)
    let items = try #require(
      try server.call("recommend", "--user", customer, "--k", "2")["item_ids"] as? [String])
    let accepted = try sample(
      "feedback", "--user", customer, "--item", items[0], "--type", "accepted", "--event-id", "x")
    #expect(accepted.exitCode == 0, "\(accepted.errors)")
    let outcome = try server.call(
      "feedback", "--user", customer, "--item", items[1], "--type", "accepted", "--event-id", "x")
    #expect(outcome["outcomes"] as? [String] == ["DUPLICATE"])
    let after = ranked(try sample("recommend", "--user", customer, "--count", "24"))
    #expect(!after.contains { $0.item == items[0] })
    #expect(after.contains { $0.item == items[1] })
  }

  @Test func bothAreToldTheSameOfBadRequests() throws {
    let unknown = try sample("similar", "--item", "no such item", "--count", "1")
    #expect(unknown.exitCode == 1)
    let isNamed = unknown.errors.contains("NOT_FOUND")
    #expect(isNamed, "\(unknown.errors)")
    for count in ["0", "501"] {
      let run = try sample("recommend", "--user", "1", "--count", count)
      // The C sample knows the limit itself and does not ask.
      #expect(run.exitCode == 2)
      let isExplained = run.errors.contains("1 to 500")
      #expect(isExplained, "\(run.errors)")
      let swift = try CommandRun.run(
        ["recommend", "--user", "1", "--k", count, "--server", server.address])
      #expect(swift.exitCode != 0)
      let swiftIsNamed = swift.errors.contains("INVALID_ARGUMENT")
      #expect(swiftIsNamed, "\(swift.errors)")
    }
    // The server ranks by co-occurrence, whose scores have no softmax.
    let shares = try sample("recommend", "--user", "1", "--softmax")
    #expect(shares.exitCode == 1)
    let isRefused = shares.errors.contains("FAILED_PRECONDITION")
    #expect(isRefused, "\(shares.errors)")
    let rejected = try sample(
      "feedback", "--user", "1", "--item", "no such item", "--type", "accepted")
    #expect(rejected.exitCode == 4)
    #expect(try sample("health").exitCode == 0)
  }

  @Test func theSampleGoesThroughTLSWithAToken() throws {
    #expect(server.stop() == 0)
    let certificates = try TestCertificates()
    let made = try CommandRun.run(["tokens", "new", "--name", "sample", "--roles", "read"])
    let words = made.output.split(separator: "\n").map { $0.drop { $0 != " " }.drop { $0 == " " } }
    let (token, table) = (folder.file("token"), folder.file("tokens.txt"))
    try "\(words[0])\n".write(toFile: token, atomically: true, encoding: .utf8)
    try "\(words[1])\n".write(toFile: table, atomically: true, encoding: .utf8)
    let secure = try ServerRun(
      workspace: folder.file("workspace"), model: "sims",
      options: [
        "--tls-certificate", certificates.certificate("server"),
        "--tls-key", certificates.key("server"), "--tokens", table,
      ])
    func ask(_ command: [String], trusting authority: String, _ options: [String]) throws
      -> CommandRun
    {
      try CommandRun.run(
        command + ["--server", secure.address, "--tls-ca", certificates.certificate(authority)]
          + options, program: CommandRun.sample)
    }
    let recommend = ["recommend", "--user", "nobody", "--count", "2"]
    let known = try ask(recommend, trusting: "authority", ["--token-file", token])
    #expect(known.exitCode == 0, "\(known.errors)")
    #expect(ranked(known).count == 2)
    let denied = try ask(
      ["feedback", "--user", "1", "--item", "ind_recibo_ult1", "--type", "shown"],
      trusting: "authority", ["--token-file", token])
    #expect(denied.exitCode == 1)
    #expect(denied.errors.contains("PERMISSION_DENIED"), "\(denied.errors)")
    let stranger = try ask(recommend, trusting: "stranger", ["--token-file", token])
    #expect(stranger.exitCode == 3)
    #expect(stranger.errors.contains("UNAUTHENTICATED"), "\(stranger.errors)")
    let nameless = try ask(recommend, trusting: "authority", [])
    #expect(nameless.exitCode == 1)
    #expect(nameless.errors.contains("UNAUTHENTICATED"), "\(nameless.errors)")
  }

  private func customers() throws -> [String] {
    let text = try String(contentsOfFile: folder.file("bank.csv"), encoding: .utf8)
    return Set(
      text.split(separator: "\n").dropFirst().map {
        $0.split(separator: ",", omittingEmptySubsequences: false)[1]
          .trimmingCharacters(in: [" "])
      }
    ).sorted()
  }
}
