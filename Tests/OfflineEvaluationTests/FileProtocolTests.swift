internal import Foundation
internal import InteractionData
internal import OfflineEvaluation
internal import TestSupport
internal import Testing

struct FileProtocolTests {
  private let folder: TemporaryFolder
  private let dataset = DatasetFixture.interactions(
    itemCount: 4, customers: [[0, 1], [2, 3], [1]])

  init() throws { folder = try TemporaryFolder() }

  private func file(_ text: String) throws -> String {
    let path = folder.file("test")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func givenTestFindsWhatTheFileNames() throws {
    let path = try file("USER_ID,ITEM_ID,TIMESTAMP\r\nc2,i3,5\r\n\r\nc0,i2,5\nc0,i2,6\n")
    let split = try EvaluationSplit.givenTest(of: dataset, path: path)
    #expect(split.customers == [0, 2])
    #expect(split.relevantOffsets == [0, 1, 2])
    #expect(split.relevantItems == [2, 3])
    #expect(split.eligibility == .wholeDataset)
  }

  @Test func aPairOfTheDatasetIsTakenOutOfTraining() throws {
    let split = try EvaluationSplit.givenTest(
      of: dataset, path: file("USER_ID,ITEM_ID\nc0,i1\n"))
    #expect(split.eligibility == .twinsOnly)
    #expect(split.training.interactions.count == dataset.interactions.count - 1)
    // Customer 2 keeps the same item.
    #expect(Array(split.training.history(of: 2).itemIndexes) == [1])
    #expect(Array(split.training.history(of: 0).itemIndexes) == [0])
  }

  @Test func nothingButTheHeldOutIsTakenOutOfTraining() throws {
    // Customer 0 has item 0 on days 0 and 2, item 1 on day 1, item 2 on day 3.
    let dataset = DatasetFixture.interactions(itemCount: 4, customers: [[0, 1, 0, 2], [0, 2]])
    let day = 86_400
    let start = Int(Month(year: 2015, month: 1).secondsSince1970())
    let text = "ITEM_ID,USER_ID,TIMESTAMP\ni0,c0,\(start + 2 * day)\ni2,c0,\(start + 3 * day)\n"
    let split = try EvaluationSplit.givenTest(of: dataset, path: file(text))
    #expect(Array(split.training.history(of: 0).itemIndexes) == [0, 1])
    #expect(Array(split.training.history(of: 1).itemIndexes) == [0, 2])
    // Item 0 is still there, and would be left out of the ranking.
    #expect(split.customers == [0])
    #expect(split.relevantItems == [2])
    #expect(split.exclusions.isEmpty)
    // Without times every interaction with the pair is held out.
    let whole = try EvaluationSplit.givenTest(
      of: dataset, path: file("ITEM_ID,USER_ID\ni0,c0\ni2,c0\n"))
    #expect(Array(whole.training.history(of: 0).itemIndexes) == [1])
    #expect(whole.relevantItems == [0, 2])
  }

  @Test func customersWhoHadItBeforeAreCounted() throws {
    let split = try EvaluationSplit.givenTest(
      of: dataset, path: file("USER_ID,ITEM_ID,TIMESTAMP\nc0,i0,7\nc1,i1,7\n"))
    #expect(split.customers == [1])
    #expect(split.exclusions == [Exclusion(reason: .hadBefore, count: 1)])
    let path = try file("USER_ID,ITEM_ID,TIMESTAMP\nc0,i0,7\n")
    #expect(
      throws: EvaluationError.nobodyToEvaluate(
        reason: "\(path) names only items its customers had before")
    ) { try EvaluationSplit.givenTest(of: dataset, path: path) }
  }

  @Test func fieldsMayBeQuoted() throws {
    let split = try EvaluationSplit.givenTest(
      of: dataset,
      path: file("\u{FEFF}\"USER_ID\",\"NOTE\",\"ITEM_ID\"\nc0,\"a, \"\"b\"\"\",\"i3\"\n"))
    #expect(split.relevantItems == [3])
  }

  @Test(arguments: [
    ("USER_ID,ITEM_ID\nc0\n", "1 fields, the header has 2"),
    ("USER_ID,ITEM_ID\nc0,i1,i2\n", "3 fields, the header has 2"),
    ("USER_ID,ITEM_ID\nc0,\"i1\n", "a quote is not closed"),
    (
      "USER_ID,ITEM_ID,TIMESTAMP\nc0,i1,today\n",
      "TIMESTAMP \"today\" is no whole number of seconds since 1970"
    ),
  ])
  func malformedRowsAreNamed(text: String, reason: String) throws {
    let path = try file(text)
    #expect(throws: EvaluationError.malformedLine(path: path, line: 2, reason: reason)) {
      try EvaluationSplit.givenTest(of: dataset, path: path)
    }
  }

  @Test func namesOfFilesWithOtherContentDiffer() throws {
    let one = try EvaluationSplit.givenTest(of: dataset, path: file("USER_ID,ITEM_ID\nc0,i1\n"))
    let two = try EvaluationSplit.givenTest(of: dataset, path: file("USER_ID,ITEM_ID\nc0,i2\n"))
    #expect(one.name != two.name)
  }

  @Test func unusableLinesAreNamed() throws {
    let path = try file("USER_ID,ITEM_ID\nc0,i1\nc0,i9\n")
    #expect(throws: EvaluationError.unknownItem(path: path, line: 3, item: "i9", others: 0)) {
      try EvaluationSplit.givenTest(of: dataset, path: path)
    }
    _ = try file("USER_ID,ITEM_ID\nnobody,i1\n")
    #expect(throws: EvaluationError.unknownCustomer(path: path, line: 2, customer: "nobody")) {
      try EvaluationSplit.givenTest(of: dataset, path: path)
    }
    _ = try file("A,B\n")
    #expect(throws: EvaluationError.self) {
      try EvaluationSplit.givenTest(of: dataset, path: path)
    }
    _ = try file("USER_ID,ITEM_ID\n")
    #expect(throws: EvaluationError.nobodyToEvaluate(reason: "\(path) has no rows")) {
      try EvaluationSplit.givenTest(of: dataset, path: path)
    }
    #expect(throws: EvaluationError.unreadableFile(path: folder.file("absent"))) {
      try EvaluationSplit.givenTest(of: dataset, path: folder.file("absent"))
    }
  }

  @Test func sessionsAreCustomersOfTheirOwn() throws {
    let split = try EvaluationSplit.sessionPrefix(of: dataset, path: file("i0 i1\ti0\ni3\ti2\n"))
    #expect(split.customers == [0, 1])
    #expect(split.relevantItems == [0, 2])
    #expect(!split.leavesOutSeenItems)
    #expect(Array(split.visible.history(of: 0).itemIndexes) == [0, 1])
  }

  @Test(arguments: ["i0", "\ti1", "i0\t", "i0\ti1\ti2"])
  func aPrefixAndATargetAreNeeded(line: String) throws {
    let path = try file("i0\ti1\n" + line + "\n")
    do {
      _ = try EvaluationSplit.sessionPrefix(of: dataset, path: path)
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.description.hasPrefix("\(path):2: expected item ids"))
    }
  }

  @Test func negativesRestrictTheRanking() throws {
    let split = try EvaluationSplit.leaveLastOut(
      of: dataset, negativesFile: file("c0 i3 i2 i3\n"))
    #expect(split.customers == [0])
    #expect(split.candidates == [[2, 3, 1]])
    // Customer 1 has no line, customer 2 too little history.
    #expect(
      split.exclusions == [
        Exclusion(reason: .tooLittleHistory, count: 1), Exclusion(reason: .noNegatives, count: 1),
      ])
    let path = try file("c0 i3\nc0 i2\n")
    #expect(throws: EvaluationError.self) {
      try EvaluationSplit.leaveLastOut(of: dataset, negativesFile: path)
    }
  }

  @Test func unknownNegativesAreCounted() throws {
    let path = try file("c0 i3\nc1 i2 i8 i9\nc2 i7\n")
    #expect(throws: EvaluationError.unknownItem(path: path, line: 2, item: "i8", others: 2)) {
      try EvaluationSplit.leaveLastOut(of: dataset, negativesFile: path)
    }
    #expect(
      EvaluationError.unknownItem(path: "f", line: 2, item: "i8", others: 2).description
        == "f:2: item \"i8\" is not in the catalogue, nor are 2 more items of the file; remove it, "
        + "or import it with --items")
  }

  @Test func negativesForNobodyAreAnError() throws {
    let path = try file("c2 i3\n")
    #expect(
      throws: EvaluationError.nobodyToEvaluate(
        reason: "the negatives file has no line for a customer with two different items")
    ) { try EvaluationSplit.leaveLastOut(of: dataset, negativesFile: path) }
  }

  /// The item itself, a customer's own item, and a repeated one do no harm.
  @Test func oddNegativesDoNotChangeTheRank() throws {
    let split = try EvaluationSplit.leaveLastOut(
      of: dataset, negativesFile: file("c0 i1 i0 i3 i3\n"))
    let scorer = try Yardstick.heldPopularity.scorer(for: split, seed: 1, threadCount: 1)
    let figures = try Evaluator(split: split, threadCount: 1).result(of: scorer).figures
    // Of items 1 (one holder left), 3 (none) and 0 (the customer's own), item 1 is first.
    #expect(figures[.recall, 1] == 1)
  }
}
