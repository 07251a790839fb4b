internal import Foundation
internal import OfflineEvaluation
internal import TestSupport
internal import Testing

/// What is read of a log, and what is refused.
struct LoggedAnswersTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ text: String, _ name: String = "log.jsonl") throws -> String {
    let path = folder.file(name)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private static let full = """
    {"recommendation_id":"r1","user_id":"u","time_ms":5,"model_version":"hrnn-0001",\
    "item_ids":["a","b"],"scores":[0.5,null],"propensities":[1,0.25],"explored":true,\
    "exploration_weight":0.3,"candidates":[{"item_id":"c","propensity":0.7,"score":0.4},\
    {"item_id":"b","propensity":0.25,"matching_probability":0.2},\
    {"item_id":"d","propensity":0.05,"matching_probability":0}],"arm":"explore",\
    "events":[{"item_id":"b","type":"clicked"},{"item_id":"b","type":"accepted","value":7},\
    {"item_id":"z","type":"accepted"},{"type":"shown"}],"rules":["never twice"]}
    """

  @Test func everyFieldIsRead() throws {
    let path = try write(
      Self.full + "\n\n"
        + #"{"recommendation_id":"r2","user_id":"v","time_ms":6,"item_ids":[]}"# + "\r\n"
        + #"{"recommendation_id":"r3","user_id":"u","time_ms":7,"item_ids":["b"]}"#)
    let log = try LoggedAnswers(path: path)
    #expect(log.customers == ["u", "v"])
    #expect(log.items == ["a", "b", "c", "d"])
    #expect(log.modelVersions == ["hrnn-0001"])
    #expect(log.eventsOutsideSlates == 1)
    let first = log.answers[0]
    #expect(first.arm == "explore" && first.explorationWeight == 0.3)
    #expect(first.timeMilliseconds == 5)
    #expect(first.slots.map(\.item) == [0, 1])
    #expect(first.slots.map(\.propensity) == [1, 0.25])
    #expect(first.slots[0].score == 0.5 && first.slots[1].score.isNaN)
    #expect(first.slots.map(\.reward) == [0, 1])
    let menu = try #require(first.menu)
    #expect(menu.map(\.item) == [2, 1, 3])
    #expect(menu.map(\.probability) == [0.7, 0.25, 0.05])
    #expect(menu[0].matchingProbability.isNaN && menu[1].matchingProbability == 0.2)
    #expect(menu[0].score == 0.4 && menu[1].score.isNaN)
    #expect(log.answers[1].slots.isEmpty && log.answers[1].menu == nil)
    // Without propensities nothing was drawn.
    #expect(
      log.answers[2].slots == [.init(item: 1, propensity: 1, score: .nan)]
        || log.answers[2].slots[0].propensity == 1)
    #expect(log.answers[2].customer == 0)
    let values = try LoggedAnswers(path: path, reward: .value)
    #expect(values.answers[0].slots.map(\.reward) == [0, 7])
    #expect(values.rewardLimit == 7)
  }

  @Test func eventsAreJoinedOnceEach() throws {
    let log = try write(
      ["r1", "r2"].map {
        #"{"recommendation_id":"\#($0)","user_id":"u","time_ms":6,"item_ids":["a","b"]}"#
      }.joined(separator: "\n"))
    let events = try write(
      """
      {"event_id":"1","recommendation_id":"r1","item_id":"b","type":"accepted","value":2}
      {"event_id":"1","recommendation_id":"r1","item_id":"b","type":"accepted","value":2}
      {"event_id":"2","recommendation_id":"r1","item_id":"b","type":"accepted","value":3}
      {"event_id":"3","recommendation_id":"r2","item_id":"a","type":"clicked"}
      {"event_id":"4","recommendation_id":"r2","item_id":"q","type":"clicked"}
      {"event_id":"5","recommendation_id":"r9","item_id":"a","type":"accepted"}
      {"event_id":"6","item_id":"a","type":"dropped"}
      {"event_id":"7","recommendation_id":"r1","item_id":"a","type":"dismissed"}
      """, "events.jsonl")
    func rewards(_ reward: RewardKind) throws -> [[Double]] {
      try LoggedAnswers(path: log, eventsPath: events, reward: reward).answers.map {
        $0.slots.map(\.reward)
      }
    }
    #expect(try rewards(.accepted) == [[0, 1], [0, 0]])
    #expect(try rewards(.clicked) == [[0, 1], [1, 0]])
    #expect(try rewards(.value) == [[0, 5], [0, 0]])
    let read = try LoggedAnswers(path: log, eventsPath: events)
    #expect(read.eventsOutsideSlates == 1 && read.eventsWithoutAnswer == 2)
  }

  /// Each line is the good one with something replaced, and what is said of it.
  private static let faults: [(String, String, String)] = [
    (#"0.25],"expl"#, #"0],"expl"#, "propensities.1 is 0.0; what was shown had a chance above 0"),
    (#"0.25],"expl"#, #"1.5],"expl"#, "propensities.1 is 1.5"),
    (#"0.25],"expl"#, #"NaN],"expl"#, "not a JSON object"),
    (#"0.25],"expl"#, #""NaN"],"expl"#, "propensities.1 is of another type"),
    (#"0.25],"expl"#, #"null],"expl"#, "propensities.1 is null"),
    (#"[1,0.25]"#, "[1]", "1 propensities for a slate of 2"),
    (#"[0.5,null]"#, "[0.5]", "1 scores for a slate of 2"),
    (#""user_id":"u","#, "", "user_id is missing"),
    (#""time_ms":5"#, #""time_ms":"5""#, "time_ms is of another type"),
    (#"["a","b"]"#, #"["b","b"]"#, "item_ids lists an item twice"),
    (#":0.05,"#, ":0.06,", "the propensities of candidates sum to 1.01"),
    (#""propensity":0.7"#, #""propensity":-0.7"#, "candidates.0.propensity is -0.7"),
    (#"probability":0.2}"#, #"probability":2}"#, "candidates.1.matching_probability is 2.0"),
    (#""item_id":"d""#, #""item_id":"c""#, "candidates list an item twice"),
    (#""item_id":"d""#, #""item_id":"a""#, "\"a\", which stands in a slot above the last"),
    (#"[{"item_id":"c""#, #"[{"item_id":"b""#, "candidates list an item twice"),
    (#"["a","b"]"#, #"["a","x"]"#, "candidates lack \"x\", which stands in the last slot"),
    (#"[1,0.25]"#, "[1,0.26]", "\"b\" has propensity 0.26 in the slate and 0.25 among"),
    (#""explored":true"#, #""explored":false"#, "explored is false, but the last slot has not"),
    (#""exploration_weight":0.3"#, #""exploration_weight":1.1"#, "exploration_weight is 1.1"),
    (#""type":"clicked""#, #""type":"bought""#, "events.0.type cannot be read"),
    (#""value":7"#, #""value":-7"#, "events: value is -7.0; it is 0 or more"),
    (
      #"[{"item_id":"c","propensity":0.7,"score":0.4},{"item_id":"b","propensity":0.25,"#
        + #""matching_probability":0.2},{"item_id":"d","propensity":0.05,"matching_probability":0}]"#,
      "[]",
      "candidates is empty, but what stands in the last slot was drawn: its propensity is 0.25"
    ),
    (Self.full, "[]", "not a JSON object"), (Self.full, "{", "not a JSON object"),
  ]

  @Test(arguments: Self.faults) func whatCannotBeUsedIsNamed(
    original: String, changed: String, message: String
  ) throws {
    try #require(Self.full.contains(original))
    let good = #"{"recommendation_id":"r0","user_id":"u","time_ms":6,"item_ids":["a"]}"#
    let path = try write(
      good + "\n" + Self.full.replacingOccurrences(of: original, with: changed) + "\n")
    let error = try #require(throws: EvaluationError.self) { try LoggedAnswers(path: path) }
    #expect(error.description.hasPrefix("\(path):2: "), "\(error)")
    #expect(error.description.contains(message), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  @Test func logsWithoutAnswersAndFilesThatAreNotThereAreErrors() throws {
    for text in ["", "\n  \n"] {
      let path = try write(text)
      let error = try #require(throws: EvaluationError.self) { try LoggedAnswers(path: path) }
      #expect(error.description.hasPrefix("\(path): no answers"), "\(error)")
    }
    for path in [folder.file("absent"), folder.path] {
      #expect(throws: EvaluationError.unreadableFile(path: path)) { try LoggedAnswers(path: path) }
    }
    let twice = try write(Self.full + "\n" + Self.full)
    let error = try #require(throws: EvaluationError.self) { try LoggedAnswers(path: twice) }
    #expect(error.description.contains(":2: recommendation_id \"r1\" has a line already"))
  }

  /// A file of several pieces, each decoded by several threads, is what it is line by line; what is
  /// wrong first is what is said.
  @Test func filesOfSeveralPiecesAreReadInOrder() throws {
    let padding = String(repeating: "x", count: 2000)
    var lines = (0..<5000).map { number in
      #"{"recommendation_id":"r\#(number)","user_id":"u\#(number % 700)","time_ms":\#(number),"#
        + #""item_ids":["i\#(number % 11)"],"other":"\#(padding)"}"#
    }
    for threads in [1, 3] {
      let log = try LoggedAnswers(
        path: try write(lines.joined(separator: "\n")), threadCount: threads)
      #expect(log.answers.map(\.timeMilliseconds) == (0..<5000).map { Int64($0) })
      #expect(log.customers == (0..<700).map { "u\($0)" })
      #expect(log.items.count == 11)
    }
    lines[4800] = "{"
    lines[4700] = String(repeating: "y", count: 5 * LoggedAnswers.lineByteLimit)
    lines[3100] = ""
    var path = try write(lines.joined(separator: "\n"))
    var error = try #require(throws: EvaluationError.self) {
      try LoggedAnswers(path: path, threadCount: 3)
    }
    #expect(
      error.description.contains(":4701: 5242880 bytes; a line has at most 1048576"), "\(error)")
    lines[4700] = lines[3101]
    path = try write(lines.joined(separator: "\n"))
    error = try #require(throws: EvaluationError.self) {
      try LoggedAnswers(path: path, threadCount: 3)
    }
    #expect(error.description.contains(":4701: recommendation_id \"r3101\""), "\(error)")
  }

  @Test func limitsAreReachedAndNotPassed() throws {
    func line(slots: Int, menu: Int, padding: Int = 0) -> String {
      let slate = (0..<slots).map { "\"s\($0)\"" }.joined(separator: ",")
      let candidates = (0..<menu).map {
        #"{"item_id":"\#($0 == 0 ? "s\(slots - 1)" : "m\($0)")","probability":\#($0 == 0 ? 1 : 0)}"#
      }.joined(separator: ",")
      return #"{"recommendation_id":"r","user_id":"u","time_ms":1,"item_ids":[\#(slate)],"#
        + #""candidates":[\#(candidates)]"# + String(repeating: " ", count: padding) + "}"
    }
    let (slots, menu) = (LoggedAnswers.slotLimit, LoggedAnswers.menuLimit)
    #expect(try LoggedAnswers(path: write(line(slots: slots, menu: menu))).answers.count == 1)
    let length = line(slots: 1, menu: 1).utf8.count
    let fitting = line(slots: 1, menu: 1, padding: LoggedAnswers.lineByteLimit - length)
    #expect(try LoggedAnswers(path: write(fitting)).answers.count == 1)
    for (text, message) in [
      (line(slots: slots + 1, menu: 0), "a slate of 501; at most 500"),
      (line(slots: 1, menu: menu + 1), "\(menu + 1) candidates; at most \(menu)"),
      (fitting + " ", "1048577 bytes; a line has at most 1048576"),
    ] {
      let path = try write(text)
      let error = try #require(throws: EvaluationError.self) { try LoggedAnswers(path: path) }
      #expect(error.description.contains(message), "\(error)")
    }
  }
}
