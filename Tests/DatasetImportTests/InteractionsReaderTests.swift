internal import Foundation
internal import InteractionData
internal import TensorFiles
internal import Testing

@testable internal import DatasetImport

@Suite struct InteractionsReaderTests {
  private func read(
    _ interactions: String, users: String? = nil, items: String? = nil, share: Double = 0
  ) throws -> ImportResult {
    let folder = try TemporaryFolder()
    var options = InteractionsImportOptions(maximumRejectedShare: share)
    options.blockSize = 16
    return try InteractionsReader.read(
      interactions: folder.file("i.csv", interactions),
      users: users.map { try folder.file("u.csv", $0) },
      items: items.map { try folder.file("t.csv", $0) }, options: options)
  }

  @Test func rowsAreOrderedAndTypesNamed() throws {
    let result = try read(
      """
      timestamp,user_id,EVENT_TYPE,item_id,EVENT_VALUE,extra
      200,10,watch,b,,x
      100,9,,a,2.5,
      100,10,dropped,a,,"q, ""r""
      s"
      100,10,buy,b,1,

      """)
    let table = result.dataset.interactions
    #expect(result.dataset.customers.all == ["9", "10"])
    #expect(result.dataset.items.identifiers.all == ["a", "b"])
    #expect(
      table.eventTypeNames == ["opening", "acquired", "dropped", "buy", "interaction", "watch"])
    #expect(
      DatasetText(result.dataset).events == [
        "9 100 interaction a", "10 100 dropped a", "10 100 buy b", "10 200 watch b",
      ])
    #expect(table.values[0] == 2.5 && table.values[1].isNaN && table.values[2] == 1)
    // All in one month: no panel.
    #expect(result.dataset.panel == nil)
  }

  @Test func metadataBecomeAttributes() throws {
    let result = try read(
      "USER_ID,ITEM_ID,TIMESTAMP\nu1,x,1\n",
      users: "USER_ID,AGE,TAGS\nu2,31,a|b\nu1,,\n",
      items: "ITEM_ID,TITLE,CREATION_TIMESTAMP,PRICE\nx,The x,50,1.5\ny,,,\n")
    let dataset = result.dataset
    #expect(dataset.customers.all == ["u1", "u2"])
    #expect(dataset.numbers("AGE") == [nil, 31])
    #expect(dataset.texts("TAGS") == [nil, "a|b"])
    #expect(dataset.items.names == ["The x", "y"])
    #expect(dataset.items.creationTimes.array == [50, .min])
    #expect(dataset.items.attributes.columns.map(\.name) == ["PRICE"])
  }

  @Test func columnsWithoutANameAreLeftOut() throws {
    let result = try read(
      "USER_ID,ITEM_ID,TIMESTAMP\nu1,x,1\n", users: ",USER_ID,AGE,\n0,u1,31,z\n1,u2,32,z\n")
    #expect(result.dataset.customerAttributes.columns.map(\.name) == ["AGE"])
    #expect(result.dataset.numbers("AGE") == [31, 32])
  }

  @Test func aPanelIsDerivedByHandComputedRules() throws {
    let january = Month(year: 2020, month: 1).secondsSince1970(day: 5)
    let february = Month(year: 2020, month: 2).secondsSince1970(day: 5)
    let april = Month(year: 2020, month: 4).secondsSince1970(day: 5)
    let result = try read(
      """
      USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE
      1,a,\(january),acquired
      1,b,\(february),acquired
      1,a,\(april),dropped
      2,b,\(february),click
      2,a,\(april),shown
      """)
    #expect(
      DatasetText(result.dataset).months == [
        "1 2020-01 1 1", "1 2020-02 11 1", "1 2020-03 11 0", "1 2020-04 10 1",
        "2 2020-02 10 1", "2 2020-03 10 0", "2 2020-04 10 1",
      ])
    #expect(result.report.acquisitions == 1)
    #expect(result.report.drops == 1)
  }

  @Test(arguments: [
    (",a,1", "USER_ID: the identifier is empty"),
    ("1,a", "column 3: the row has 2 fields"),
    ("1,a,1577836800000", "TIMESTAMP: 1577836800000 are milliseconds"),
    ("1,a,x", "TIMESTAMP: \"x\" is no whole number"),
    ("1,\"a\"b,1", "ITEM_ID: text follows the closing quote"),
  ])
  func faultyRowsAreRejected(row: String, reason: String) throws {
    let result = try read("USER_ID,ITEM_ID,TIMESTAMP\n1,a,1\n\(row)\n1,b,1\n", share: 1)
    #expect(result.report.rows == 2)
    #expect(result.report.rejectedRows == 1)
    #expect(result.report.rejectionReasons[0].contains("i.csv:3: \(reason)"))
  }

  @Test func limitsHoldAtTheMostAndOneMore() throws {
    let header = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n"
    let longest = String(repeating: "i", count: IdentifierTable.identifierByteLimit)
    #expect(try read(header + "\(longest),a,1,\n").report.rows == 1)
    #expect(throws: ImportError.self) { try read(header + "\(longest)i,a,1,\n") }
    let types = { (count: Int) in (0..<count).map { "1,a,1,t\($0)\n" }.joined() }
    #expect(try read(header + types(EventType.limit - 3)).report.rows == EventType.limit - 3)
    #expect(throws: ImportError.self) { try read(header + types(EventType.limit - 2)) }
    #expect(throws: ImportError.self) { try read(header + "1,a,1,\"open\n") }
  }
}

/// Needs the public Santander files beside the package; skipped where they are absent.
@Suite(.enabled(if: SharedData.isPresent, "the Santander files are not beside the package"))
struct RealFileTests {
  @Test func everyRowOfTheTrainingHeadIsRead() throws {
    let path = "\(SharedData.santander)/raw_train_head.csv"
    let result = try SantanderPanelReader.read(paths: [path])
    #expect(result.report.rows == 999)
    #expect(result.report.rejectedRows == 0)
    #expect(result.report.customers == 999)
    #expect(result.report.items == 24)
    let naive = try NaivePanelReader(String(contentsOfFile: path, encoding: .utf8)).result
    #expect(String(describing: DatasetText(result.dataset)) == String(describing: naive))
  }

  @Test func theReducedFileIsRead() throws {
    let result = try SantanderPanelReader.read(
      paths: ["\(SharedData.santander)/holdings_random_50k.csv"])
    #expect(result.report.rows == 50_000)
    #expect(result.report.customers == 48_703)
    #expect(result.report.months == 17)
  }

  @Test func theTestFileHoldsNoProducts() {
    let path = "\(SharedData.santander)/raw_test_head.csv"
    #expect(throws: ImportError.noProducts(file: path)) {
      try SantanderPanelReader.read(paths: [path])
    }
  }

  @Test func theSeedInteractionsAreRead() throws {
    let path = "\(SharedData.santander)/seed_interactions.csv"
    let alone = try InteractionsReader.read(
      interactions: path, items: "\(SharedData.santander)/products.csv")
    #expect(alone.report.rows == 32_312)
    #expect(alone.report.interactions == 32_312)
    #expect(alone.report.items == 24)
    #expect(alone.report.months == 12)
    // 3,665 of the customers never held a product: only the list of customers knows them.
    #expect(alone.report.customers == 9_426)
    let folder = try TemporaryFolder()
    let list = try String(
      contentsOfFile: "\(SharedData.santander)/seed_customers.txt", encoding: .utf8)
    let users = try folder.file("users.csv", "USER_ID\n" + list)
    let all = try InteractionsReader.read(interactions: path, users: users)
    #expect(all.report.interactions == 32_312)
    #expect(all.report.customers == 13_091)
    #expect(all.report.rejectedRows == 0)
  }
}
