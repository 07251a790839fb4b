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
  }

  @Test func namesOfFilesWithOtherContentDiffer() throws {
    let one = try EvaluationSplit.givenTest(of: dataset, path: file("USER_ID,ITEM_ID\nc0,i1\n"))
    let two = try EvaluationSplit.givenTest(of: dataset, path: file("USER_ID,ITEM_ID\nc0,i2\n"))
    #expect(one.name != two.name)
  }

  @Test func unusableLinesAreNamed() throws {
    let path = try file("USER_ID,ITEM_ID\nc0,i1\nc0,i9\n")
    #expect(throws: EvaluationError.unknownItem(path: path, line: 3, item: "i9")) {
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
    let path = try file("c0 i3\nc0 i2\n")
    #expect(throws: EvaluationError.self) {
      try EvaluationSplit.leaveLastOut(of: dataset, negativesFile: path)
    }
  }
}
