internal import Foundation
internal import TestSupport
internal import Testing

private let reference = CommandRun.package.appendingPathComponent(
  "Tests/RecommenderModelsTests/HierarchicalRNN/Reference")
private let script = reference.appendingPathComponent("predict_with_numpy.py").path

/// Whether Python is here with what the script needs.
private let hasNumPy: Bool = {
  let run = try? CommandRun.run(
    ["python3", "-c", "import numpy, safetensors"], program: URL(fileURLWithPath: "/usr/bin/env"))
  return run?.exitCode == 0
}()

/// Networks stored by the program, opened in Python with `safetensors`, predict the same.
struct StoredNetworkTests {
  private let folder: TemporaryFolder
  private let workspace: String

  init() throws {
    folder = try TemporaryFolder()
    workspace = folder.file("workspace")
  }

  @discardableResult
  private func teller(_ arguments: [String]) throws -> CommandRun {
    let run = try CommandRun.run(arguments + ["--workspace", workspace])
    #expect(run.exitCode == 0, "\(arguments): \(run.errors)")
    return run
  }

  private func importBank(customers: Int) throws {
    let bank = folder.file("bank.csv")
    let made = try CommandRun.run([
      "generate", "--customers", "\(customers)", "--months", "6", "--seed", "5", "--out", bank,
    ])
    #expect(made.exitCode == 0, "\(made.errors)")
    try teller(["import", "santander", bank])
  }

  private func importEvents(hasMetadata: Bool) throws {
    // A linear congruence stands in for randomness: users of one to ten events, some hours apart.
    var state: UInt32 = 7
    func next(_ bound: UInt32) -> UInt32 {
      state = state &* 1_664_525 &+ 1_013_904_223
      return (state >> 16) % bound
    }
    var lines = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE"]
    for user in 0..<60 {
      var time: UInt32 = 1_600_000_000
      for _ in 0...next(10) {
        time += next(3) == 0 ? 9000 : 60
        lines.append("u\(user),i\(next(12)),\(time),\(next(4) == 0 ? "shown" : "view")")
      }
    }
    let events = folder.file("events.csv")
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: events, atomically: true, encoding: .utf8)
    var files = ["--interactions", events]
    if hasMetadata {
      files += ["--users", folder.file("users.csv"), "--items", folder.file("items.csv")]
      let users = (0..<55).map { "u\($0),\($0 % 9 == 8 ? "" : "\(20 + $0)"),r\($0 % 3)" }
      let items = (0..<12).map { "i\($0),\($0 * $0),\(["a|b", "b", "c | a"][$0 % 3])" }
      for (name, lines) in [
        ("users.csv", ["USER_ID,AGE,REGION"] + users),
        ("items.csv", ["ITEM_ID,PRICE,GENRE"] + items),
      ] {
        try (lines.joined(separator: "\n") + "\n").write(
          toFile: folder.file(name), atomically: true, encoding: .utf8)
      }
    }
    try teller(["import", "interactions"] + files)
  }

  /// The probabilities that `teller batch` writes: customer, item, probability.
  private func batch() throws -> [String: [String: Double]] {
    let out = folder.file("out.jsonl")
    try teller(["batch", "--model", "hrnn", "--format", "jsonl", "--k", "500", "--out", out])
    var answers: [String: [String: Double]] = [:]
    for line in try lines(try String(contentsOfFile: out, encoding: .utf8)) {
      let items = try #require(line["items"] as? [String])
      let scores = try #require(line["scores"] as? [Double])
      let user = try #require(line["user_id"] as? String)
      answers[user] = Dictionary(zip(items, scores), uniquingKeysWith: { $1 })
    }
    return answers
  }

  private func lines(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map {
      try #require(
        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any], "\($0)")
    }
  }

  /// Compares with what numpy said: a line for each customer, all items in the catalogue's order.
  private func compare(_ predictions: String, items: [String]) throws {
    let answers = try batch()
    var worst = 0.0
    var count = 0
    for line in try lines(predictions) {
      let user = try #require(line["user_id"] as? String)
      let expected = try #require(line["scores"] as? [Double])
      let known = Dictionary(zip(items, expected), uniquingKeysWith: { $1 })
      for (item, score) in try #require(answers[user], "\(user)") {
        let probability = try #require(known[item], "\(item)")
        // In parts of the probability; of one in a hundred where it is smaller.
        let difference = abs(score - probability) / max(probability, 0.01)
        worst = difference.isFinite ? max(worst, difference) : .infinity
        count += 1
      }
    }
    #expect(count > 200)
    // The program computes in float32, numpy here in float64.
    #expect(worst < 1e-4, "\(worst)")
  }

  /// The catalogue, in its order.
  private func items() throws -> [String] {
    let pointer = try #require(
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: "\(workspace)/dataset/dataset.json")))
        as? [String: Any])
    let run = try CommandRun.run(
      [
        "python3", "-c",
        """
        import sys; from safetensors import safe_open
        file = safe_open(sys.argv[1], "np")
        names, ends = (file.get_tensor("item_ids." + part) for part in ("bytes", "offsets"))
        for a, b in zip(ends, ends[1:]): print(names[a:b].tobytes().decode())
        """, "\(workspace)/dataset/\(pointer["tensors"] as? String ?? "")",
      ], program: URL(fileURLWithPath: "/usr/bin/env"))
    return run.output.split(separator: "\n").map(String.init)
  }

  private static let small = [
    "--hidden-dimension", "32", "--session-hidden-dimension", "8", "--embedding-dimension", "8",
    "--epochs", "2",
  ]

  @Test(
    .enabled(if: hasNumPy, "python3 with numpy and safetensors is not here"),
    arguments: [
      ["panel"], ["panel", "--levels", "1"],
      ["panel", "--user-propagation", "all", "--seeds", "2"],
      ["events"], ["events", "--user-propagation", "all", "--seeds", "2"],
      ["metadata"], ["metadata", "--user-propagation", "all", "--seeds", "2"],
    ])
  func numpyPredictsTheSame(form: [String]) throws {
    switch form[0] {
    case "panel": try importBank(customers: 120)
    default: try importEvents(hasMetadata: form[0] == "metadata")
    }
    try teller(["train", "hrnn"] + Self.small + form.dropFirst())
    let run = try CommandRun.run(
      ["python3", script, workspace, "hrnn-0001"], program: URL(fileURLWithPath: "/usr/bin/env"))
    #expect(run.exitCode == 0, "\(run.errors)")
    try compare(run.output, items: try items())
  }

  /// The same where there is no Python: a stored network, and what numpy said of a stored bank.
  ///
  /// `Reference/make_stored_network.sh` made them.
  @Test func aStoredNetworkPredictsWhatNumPySaid() throws {
    try importBank(customers: 40)
    let version = "\(workspace)/models/hrnn-0001"
    try FileManager.default.createDirectory(
      atPath: "\(workspace)/models", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: reference.appendingPathComponent("stored").path, toPath: version)
    let text = try String(contentsOfFile: "\(version)/predictions.jsonl", encoding: .utf8)
    let items = try String(contentsOfFile: "\(version)/items.txt", encoding: .utf8)
      .split(separator: "\n").map(String.init)
    try compare(text, items: items)
  }
}
