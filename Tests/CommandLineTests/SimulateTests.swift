internal import Foundation
internal import TestSupport
internal import Testing

/// Cold products through the built program: put, explored, taken up or left alone, and all of it
/// known after the server was killed.
struct SimulateTests {
  private let folder: TemporaryFolder
  private let truth: String

  init() throws {
    folder = try TemporaryFolder()
    truth = folder.file("truth.csv")
    let bank = folder.file("bank.csv")
    let workspace = ["--workspace", folder.file("workspace")]
    for arguments in [
      [
        "generate", "--customers", "2000", "--months", "5", "--seed", "4", "--out", bank,
        "--truth", truth,
      ],
      ["import", "santander", bank], ["train", "popularity"],
    ] {
      let run = try CommandRun.run(arguments + workspace)
      try #require(run.exitCode == 0, "\(arguments): \(run.errors)")
    }
  }

  private func server() throws -> ServerRun {
    try ServerRun(
      workspace: folder.file("workspace"), model: "popularity",
      options: [
        "--response-window", "30", "--exploration-weight", "0.5", "--instance", "5",
      ])
  }

  private func simulate(
    _ server: ServerRun, _ products: [String], weight: String? = nil
  ) throws -> CommandRun {
    try CommandRun.run(
      [
        "simulate", "--server", server.address, "--truth", truth, "--requests", "5000", "--json",
      ] + products.flatMap { ["--product", $0] }
        + (weight.map { ["--exploration-weight", $0] } ?? []))
  }

  private func coldItems(_ server: ServerRun) throws -> [[String: AnyHashable]] {
    try #require(try server.call("status")["cold_items"] as? [[String: AnyHashable]])
  }

  @Test func aGoodProductIsTakenUpAndABadOneHardlyShown() throws {
    let server = try server()
    // Nothing is tried without weight, so the good product is never found.
    let plain = try simulate(server, ["unseen=0.2"], weight: "0")
    #expect(plain.exitCode == 0, "\(plain.errors)")
    let unseen = try #require((plain.json["products"] as? [[String: Any]])?.first)
    #expect(unseen["showings"] as? Int == 0)
    #expect(plain.json["explored"] as? Int == 0)

    let run = try simulate(server, ["good=0.2@100", "bad=0.0@100"])
    #expect(run.exitCode == 0, "\(run.errors)")
    let products = try #require(run.json["products"] as? [[String: Any]])
    #expect(products.map { $0["item_id"] as? String } == ["good", "bad"])
    #expect(products[0]["state"] as? String == "GRADUATED")
    #expect(products[0]["found_after"] as? Int ?? .max < 1500)
    let wasted = try #require(products[1]["wasted"] as? Int)
    #expect(wasted == products[1]["showings"] as? Int)
    #expect(wasted < 400)
    let regret = try #require(run.json["regret"] as? Double)
    #expect(try regret < #require(plain.json["regret"] as? Double))

    // Killed, it knows the same when it is back.
    let before = try coldItems(server)
    #expect(server.stop(SIGKILL) == SIGKILL)
    let again = try self.server()
    #expect(try coldItems(again) == before)
    #expect(again.stop() == 0)
  }

  @Test func productsArePutAndAnswersTellTheirPropensities() throws {
    let server = try server()
    let put = try server.call(
      "items", "put", "--item", "green_loan", "--name", "Green loan", "--category", "loan",
      "--price", "12.5", "--attribute", "channel=mobile")
    #expect(put["outcomes"] as? [String] == ["CREATED"])
    #expect(put["item_indexes"] as? [Int] == [24])
    let again = try server.call("items", "put", "--item", "green_loan")
    #expect(again["outcomes"] as? [String] == ["UPDATED"])
    let customer = try #require(
      try String(contentsOfFile: truth, encoding: .utf8).split(separator: "\n").dropFirst().first?
        .split(separator: ",").first.map(String.init))
    let answer = try server.call("recommend", "--user", customer, "--k", "3")
    let propensities = try #require(answer["propensities"] as? [Double])
    #expect(propensities.count == 3 && propensities.prefix(2) == [1, 1])
    #expect(answer["explored"] is Bool)
    let certain = try server.call(
      "recommend", "--user", customer, "--k", "3", "--exploration-weight", "0")
    #expect(certain["propensities"] == nil)
    let bad = try CommandRun.run(
      ["recommend", "--user", customer, "--exploration-weight", "1.5", "--server", server.address])
    #expect(bad.exitCode != 0 && bad.errors.contains("exploration_weight"))
  }

  @Test(arguments: [
    ["serve", "--exploration-weight", "1.5"], ["serve", "--exploration-weight", "nan"],
    ["serve", "--exploration-item-age-cut-off", "0"], ["serve", "--response-window", "0"],
    ["items", "put", "--item", "x", "--attribute", "=v"],
    ["simulate", "--truth", "x", "--product", "good=2"],
    ["simulate", "--truth", "x", "--requests", "0"],
    ["simulate", "--truth", "x", "--requests", "1000000"],
  ])
  func badOptionsAreRefused(arguments: [String]) throws {
    let run = try CommandRun.run(arguments)
    #expect(run.exitCode == 64, "\(run.errors)")
  }

  @Test func aBadTruthFileIsTold() throws {
    let path = folder.file("other.csv")
    try "ncodpers,added_products\n1,a b\n2\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    for (file, code, text) in [
      (path, Int32(65), "other.csv:3: 1 fields"), ("absent", 66, "absent"),
    ] {
      let run = try CommandRun.run(["simulate", "--truth", file])
      #expect(run.exitCode == code)
      #expect(run.errors.contains(text), "\(run.errors)")
    }
  }
}
