internal import Foundation
internal import InteractionData
internal import TestSupport
internal import Testing

@testable internal import Experiments

/// Who belongs to which arm, and what a file must be.
struct ExperimentTests {
  private static func experiment(_ shares: [Int], name: String = "explore-less") throws
    -> Experiment
  {
    try #require(
      Experiment(
        name: name,
        arms: shares.enumerated().map { .init(name: "arm\($0)", share: $1) }))
  }

  /// The buckets are from Python's
  /// `int.from_bytes(sha256(b"explore-less\0" + user).digest()[:8], "big") % 10`.
  @Test func armsAreThoseOfAnotherLanguage() throws {
    let shares = [1, 2, 7]
    let experiment = try Self.experiment(shares)
    for (user, bucket) in Self.buckets {
      let arm = bucket < 1 ? 0 : bucket < 3 ? 1 : 2
      #expect(experiment.armIndex(of: user) == arm, "\(user)")
    }
  }

  private static let buckets: [(String, Int)] = [
    ("u1", 3), ("15889", 5), ("", 5), ("Zoë", 6), ("0", 7), ("customer-7", 7),
    (String(repeating: "a", count: 200), 4), ("user\t9", 1), ("c0", 2), ("c1", 1), ("c2", 1),
    ("c3", 8), ("c4", 9), ("c5", 4), ("c6", 1), ("c7", 1), ("c8", 8), ("c9", 9), ("c10", 8),
    ("c11", 7), ("c15", 0), ("c18", 0), ("c24", 0),
  ]

  @Test func sharesAreMetAndExperimentsAreIndependent() throws {
    let (first, second) = (
      try Self.experiment([1, 3]), try Self.experiment([1, 1], name: "other")
    )
    let count = 20_000
    var both = [[0.0, 0], [0, 0]]
    for user in 0..<count {
      both[first.armIndex(of: "u\(user)")][second.armIndex(of: "u\(user)")] += 1
    }
    // Of a fixed list of customers: nothing is random here.
    let counts = both.flatMap { $0 }
    #expect(ChiSquare.pValue(observed: counts, shares: [0.125, 0.125, 0.375, 0.375]) > 0.01)
  }

  @Test func experimentsRunFromTheirStartToBeforeTheirEnd() throws {
    let arms = [Experiment.Arm(name: "a", share: 1), .init(name: "b", share: 1)]
    let experiment = try #require(
      Experiment(name: "x", arms: arms, startMilliseconds: 10, endMilliseconds: 20))
    #expect(
      [9, 10, 19, 20].map { experiment.isRunning(atMilliseconds: $0) } == [
        false, true, true, false,
      ])
    let always = try #require(Experiment(name: "x", arms: arms))
    #expect(always.isRunning(atMilliseconds: .min) && always.isRunning(atMilliseconds: .max - 1))
    #expect(Experiment(name: "x", arms: arms, startMilliseconds: 10, endMilliseconds: 10) == nil)
  }

  private static let good = """
    {"name": "less", "start_ms": 5, "end_ms": 9, "arms": [{"name": "a", "share": 1},
     {"name": "b", "share": 3, "exploration_weight": 0.1}]}
    """

  @Test func filesAreRead() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("e.json")
    try Self.good.write(toFile: path, atomically: true, encoding: .utf8)
    let experiment = try Experiment(path: path)
    #expect(experiment.name == "less" && experiment.totalShare == 4)
    #expect(experiment.startMilliseconds == 5 && experiment.endMilliseconds == 9)
    #expect(
      experiment.arms == [
        .init(name: "a", share: 1), .init(name: "b", share: 3, explorationWeight: 0.1),
      ])
    #expect(throws: ExperimentError.unreadable(path: folder.path)) {
      try Experiment(path: folder.path)
    }
  }

  @Test(arguments: [
    (#""less""#, #""""#, #"name is "";"#), (#""less""#, #""a b""#, #"name is "a b";"#),
    (#""name": "b""#, #""name": "a""#, "two arms have the same name"),
    (#""share": 3"#, #""share": 0"#, "arms.1.share is 0; it is a whole number from 1"),
    (#""share": 3"#, #""share": 0.5"#, "arms.1.share is 0.5; it is a whole number"),
    (#""share": 3"#, #""share": 1000000"#, "shares sum to 1000001, at most 1000000"),
    (#", "share": 1"#, "", "arms.0.share is missing"),
    ("0.1", "1.5", "arms.1.exploration_weight is 1.5"),
    ("9", "5", "end_ms is 5, not after start_ms, 5"),
    (#""exploration_weight""#, #""scorer""#, "arms.1.scorer is not known; there are name, share"),
    (#""exploration_weight": 0.1"#, #""model": 7"#, "arms.1.model is of another type"),
    (#""exploration_weight": 0.1"#, #""model": """#, "arms.1.model is \"\""),
    (#""start_ms""#, #""start""#, "start is not known; there are name, arms"),
    (#"{"name": "a", "share": 1},"#, "", "1 arms; an experiment has 2 to 16"),
    ("}]}", "}]", "not a JSON object"),
  ]) func faultsAreNamed(original: String, changed: String, message: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("e.json")
    try #require(Self.good.contains(original))
    try Self.good.replacingOccurrences(of: original, with: changed)
      .write(toFile: path, atomically: true, encoding: .utf8)
    let error = try #require(throws: ExperimentError.self) { try Experiment(path: path) }
    #expect(error.description.hasPrefix("\(path): "))
    #expect(error.description.contains(message), "\(error)")
  }

  @Test func limitsAreReachedAndNotPassed() throws {
    func arms(_ count: Int) -> [Experiment.Arm] {
      (0..<count).map { .init(name: "a\($0)", share: 1) }
    }
    #expect(Experiment(name: "x", arms: arms(16)) != nil)
    #expect(Experiment(name: "x", arms: arms(17)) == nil)
    #expect(Experiment(name: String(repeating: "n", count: 64), arms: arms(2)) != nil)
    #expect(Experiment(name: String(repeating: "n", count: 65), arms: arms(2)) == nil)
    func shares(_ values: Int...) -> Experiment? {
      Experiment(
        name: "x", arms: values.enumerated().map { .init(name: "a\($0)", share: $1) })
    }
    #expect(shares(999_999, 1) != nil)
    #expect(shares(999_999, 2) == nil)
  }
}
