import Foundation
import InteractionData
import TensorFiles
import Testing

@testable import RecommenderModels

@Suite struct AttributeEncodingTests {
  private func numeric(_ name: String, _ values: [Float]) -> AttributeColumn {
    AttributeColumn(name: name, values: .numeric(Column(values)))
  }

  private func categorical(_ name: String, _ codes: [UInt16], _ names: [String]) -> AttributeColumn
  {
    AttributeColumn(name: name, values: .categorical(codes: Column(codes), categories: names))
  }

  private func encode(_ encoder: AttributeEncoder, _ customer: Int?) -> [Float] {
    var row = [Float](repeating: .nan, count: encoder.width)
    row.withUnsafeMutableBufferPointer {
      if let base = $0.baseAddress { encoder.encode(customer, into: base) }
    }
    return row
  }

  @Test func aSwitchBecomesItsScoreAndAMark() {
    let table = AttributeTable(columns: [numeric("new", [0, 1, 0, 1, .nan, .infinity])])
    let encoding = AttributeEncoding(fitting: table)
    #expect(encoding.width == 3)
    let encoder = AttributeEncoder(encoding, table: table)
    #expect(encode(encoder, 0) == [-1, 1, 0])
    #expect(encode(encoder, 1) == [1, 1, 0])
    for customer in [4, 5, nil, 600] as [Int?] { #expect(encode(encoder, customer) == [0, 0, 1]) }
  }

  @Test func aNumberGetsBandsAndItsLogarithmWhenSkewed() throws {
    let ages = (0..<800).map { Float($0 % 80) }
    let incomes = (0..<800).map { exp(Float($0) / 80) }
    let table = AttributeTable(columns: [numeric("age", ages), numeric("income", incomes)])
    let encoding = AttributeEncoding(fitting: table)
    #expect(encoding.numeric[0].bandEdges == [10, 20, 30, 40, 50, 60, 70])
    #expect(encoding.numeric[0].logarithm == nil)
    #expect(encoding.numeric[0].width == 11)
    #expect(encoding.numeric[1].logarithm != nil || encoding.numeric[1].width == 11)
    let encoder = AttributeEncoder(encoding, table: table)
    #expect(Array(encode(encoder, 9)[3..<11]) == [1, 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(encode(encoder, 10)[3..<11]) == [0, 1, 0, 0, 0, 0, 0, 0])
    #expect(Array(encode(encoder, 79)[3..<11]) == [0, 0, 0, 0, 0, 0, 0, 1])
  }

  @Test func absurdNumbersStayWithinBounds() {
    var values = (0..<1000).map { Float($0 % 10) }
    values[3] = 3e38
    values[4] = -999_999
    let table = AttributeTable(columns: [numeric("seniority", values)])
    let encoding = AttributeEncoding(fitting: table)
    #expect(encoding.isValid)
    let encoder = AttributeEncoder(encoding, table: table)
    for customer in [3, 4, 5] {
      #expect(encode(encoder, customer).allSatisfy { abs($0) <= AttributeEncoder.scoreLimit })
    }
    #expect(abs(encode(encoder, 5)[0]) < 2, "two values of 1000 set the scale")
  }

  @Test func rareUnknownAndMissingCategoriesShareAPlace() {
    let codes = [UInt16](repeating: 0, count: 60) + [UInt16](repeating: 1, count: 40) + [2]
    let missing = [AttributeColumn.missingCode]
    let table = AttributeTable(
      columns: [categorical("segment", codes + missing, ["a", "b", "rare"])])
    let encoding = AttributeEncoding(fitting: table)
    #expect(encoding.categorical[0].categories == ["a", "b"])
    let encoder = AttributeEncoder(encoding, table: table)
    #expect(encode(encoder, 0) == [1, 0, 0])
    #expect(encode(encoder, 60) == [0, 1, 0])
    for customer in [100, 101, nil] as [Int?] { #expect(encode(encoder, customer) == [0, 0, 1]) }
  }

  @Test func anotherDatasetIsReadByName() {
    let table = AttributeTable(columns: [
      numeric("age", [1, 2, 3]), categorical("sex", .init(repeating: 0, count: 9), ["H"]),
    ])
    let encoding = AttributeEncoding(fitting: table)
    let other = AttributeTable(columns: [
      categorical("sex", [1, 0], ["V", "H"]), categorical("age", [0, 0], ["old"]),
    ])
    let encoder = AttributeEncoder(encoding, table: other)
    // "age" is no number there, so it is missing; "H" has another code.
    let age = encoding.numeric[0].width
    #expect(encode(encoder, 0)[2] == 1)
    #expect(Array(encode(encoder, 0)[age...]) == [1, 0])
    #expect(Array(encode(encoder, 1)[age...]) == [0, 1])
  }

  @Test func columnsThatSayNothingAreLeftOut() {
    let table = AttributeTable(columns: [
      numeric("constant", [4, 4, 4]), numeric("nothing", [.nan, .nan]),
      categorical("all rare", [0, 1, 2], ["x", "y", "z"]),
    ])
    #expect(AttributeEncoding(fitting: table) == AttributeEncoding())
    #expect(AttributeEncoding(fitting: AttributeTable()).width == 0)
  }

  @Test func placesOfCategoriesAreLimited() {
    let names = (0..<100).map { "category \($0)" }
    let codes = (0..<1000).map { UInt16($0 % 100) }
    let encoding = AttributeEncoding(
      fitting: AttributeTable(columns: [categorical("channel", codes, names)]))
    #expect(encoding.categorical[0].categories.count == AttributeEncoding.categoryLimit)
  }

  @Test func textsOfItemsAreTakenApart() {
    let texts = ["crime|drama", " drama | crime ", "drama|drama", "once", ""]
    let table = AttributeTable(columns: [
      categorical("genre", [0, 1, 2, 3, 4, AttributeColumn.missingCode], texts)
    ])
    let encoding = AttributeEncoding(fitting: table, of: .items)
    // Three dramas, two crimes; what is of one item is nothing of its own.
    #expect(encoding.categorical[0].categories == ["drama", "crime"])
    let encoder = AttributeEncoder(encoding, table: table)
    let half = 1 / Float(2).squareRoot()
    #expect(encode(encoder, 0) == [half, half, 0] && encode(encoder, 1) == [half, half, 0])
    #expect(encode(encoder, 2) == [1, 0, 0])
    for item in [3, 4, 5, nil] as [Int?] { #expect(encode(encoder, item) == [0, 0, 1]) }
    // Customers' texts are one category each.
    #expect(AttributeEncoding(fitting: table) == AttributeEncoding())
  }

  @Test func itemsHaveALimitOfCategories() {
    for count in [AttributeEncoding.itemCategoryLimit, AttributeEncoding.itemCategoryLimit + 1] {
      let codes = (0..<2 * count).map { UInt16($0 / 2) }
      let table = AttributeTable(columns: [
        categorical("brand", codes, (0..<count).map { "brand \(10_000 + $0)" })
      ])
      let encoding = AttributeEncoding(fitting: table, of: .items)
      #expect(encoding.width == AttributeEncoding.itemCategoryLimit + 1)
      let last = encode(AttributeEncoder(encoding, table: table), 2 * count - 1)
      #expect(
        last.lastIndex(of: 1) == min(count - 1, AttributeEncoding.itemCategoryLimit))
    }
  }

  @Test func whatAllItemsAreSaysNothing() {
    let table = AttributeTable(columns: [categorical("kind", [0, 0, 0], ["product"])])
    #expect(AttributeEncoding(fitting: table, of: .items).width == 0)
  }
}
