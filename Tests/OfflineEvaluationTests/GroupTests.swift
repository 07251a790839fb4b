internal import InteractionData
internal import OfflineEvaluation
internal import TensorFiles
internal import TestSupport
internal import Testing

struct GroupTests {
  private func split(_ values: AttributeColumn.Values, count: Int) throws -> EvaluationSplit {
    try EvaluationSplit.nextMonth(
      of: DatasetFixture.panel(
        itemCount: 3,
        customers: (0..<count).map { $0 % 2 == 0 ? [0b001, 0b011] : [0b001, 0b001] },
        attributes: AttributeTable(columns: [AttributeColumn(name: "a", values: values)])))
  }

  @Test func categoriesAreGroupsAndWhatIsUnknownIsOne() throws {
    let missing = AttributeColumn.missingCode
    let split = try split(
      .categorical(codes: Column([1, 0, missing, 1, missing]), categories: ["west", "east"]),
      count: 5)
    let groups = try CustomerGroups(attribute: "a", of: split)
    #expect(groups.names == ["east", "west", "(other)", "(unknown)"])
    #expect(groups.codes == [0, 1, 3, 0, 3])
    let scorer = try Yardstick.heldPopularity.scorer(for: split, seed: 1, threadCount: 1)
    let evaluator = try Evaluator(split: split, groups: groups, threadCount: 2)
    let result = evaluator.result(of: scorer)
    let figures = result.groupFigures
    #expect(figures.map(\.customers) == [2, 1, 0, 2])
    #expect(figures.map(\.adders) == [1, 0, 0, 2])
    // Customers 0, 2 and 4 take item 1, which stands first for everyone.
    #expect(figures.map { $0[.meanAveragePrecision, 7] } == [0.5, 0, 0, 1])
    #expect(figures.map { $0[.addersMeanAveragePrecision, 7] } == [1, 0, 0, 1])
    // Everyone is shown items 1 and 2, and item 0 is held.
    #expect(Array(result.exposures(ofGroup: 0)) == [0, 2, 2])
    #expect(Array(result.exposures(ofGroup: 1)) == [0, 1, 1])
    #expect(Array(result.exposures(ofGroup: 3)) == [0, 2, 2])
    #expect(result.figures.customers == 5)
  }

  @Test func numbersAreInTheOrderOfTheirValues() throws {
    let split = try split(
      .categorical(codes: Column([0, 1, 2, 3, 4]), categories: ["10", "b", "9", "a", "010"]),
      count: 5)
    let names = try CustomerGroups(attribute: "a", of: split).names
    #expect(names == ["9", "010", "10", "a", "b", "(other)", "(unknown)"])
  }

  @Test func bandsHoldAboutEquallyManyAndNeverPartEqualNumbers() throws {
    let ages: [Float] = (0..<60).map { Float(20 + $0 / 2) } + [.nan, .nan]
    let split = try split(.numeric(Column(ages)), count: ages.count)
    let groups = try CustomerGroups(attribute: "a", of: split)
    #expect(groups.names.first == "20 to under 25")
    #expect(groups.names.dropLast().last == "45 and more")
    #expect(groups.names.last == "(unknown)")
    for band in 0..<CustomerGroups.bandCount {
      #expect(groups.codes.count { Int($0) == band } == 10)
    }
    #expect(groups.codes.suffix(2).allSatisfy { Int($0) == CustomerGroups.bandCount })
    for (first, second) in zip(ages.indices, ages.indices.dropFirst())
    where ages[first] == ages[second] {
      #expect(groups.codes[first] == groups.codes[second])
    }
  }

  @Test func oneNumberIsOneBandAndNoneIsNone() throws {
    let one = try CustomerGroups(
      attribute: "a", of: try split(.numeric(Column([7, 7, 7])), count: 3))
    #expect(one.names == ["7 and more", "(unknown)"])
    let none = try CustomerGroups(
      attribute: "a", of: try split(.numeric(Column([.nan, .nan])), count: 2))
    #expect(none.names == ["(unknown)"])
    #expect(none.codes == [0, 0])
  }

  @Test(arguments: [58, 59])
  func theSmallestCategoriesBeyondTheLimitAreOther(categories: Int) throws {
    // Category c has c + 1 customers, so that the first is the smallest.
    let codes = (0..<categories).flatMap { [UInt16](repeating: UInt16($0), count: $0 + 1) }
    let split = try split(
      .categorical(codes: Column(codes), categories: (0..<categories).map { "n\($0)" }),
      count: codes.count)
    let groups = try CustomerGroups(attribute: "a", of: split)
    #expect(groups.names.count == CustomerGroups.groupLimit)
    let other = try #require(groups.names.firstIndex(of: "(other)"))
    #expect(groups.codes.count { Int($0) == other } == (categories == 58 ? 0 : 1))
  }
}
