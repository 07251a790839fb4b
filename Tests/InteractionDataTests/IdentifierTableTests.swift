internal import InteractionData
internal import Testing

struct IdentifierTableTests {
  @Test func findsEachAndNothingElse() {
    let identifiers = (0..<5000).map { "customer \($0 * 7)" } + ["", "ü", "a\u{0}b"]
    let table = IdentifierTable(identifiers)
    #expect(table.count == identifiers.count)
    for (index, identifier) in identifiers.enumerated() {
      #expect(table.index(of: identifier) == index)
      #expect(table[index] == identifier)
    }
    for index in 0..<5000 where index % 7 != 0 {
      #expect(table.index(of: "customer \(index)") == nil)
    }
    #expect(table.index(of: "customer") == nil)
    #expect(table.index(of: "customer 70 ") == nil)
  }

  @Test func anEmptyTableFindsNothing() {
    let table = IdentifierTable([])
    #expect(table.count == 0)
    #expect(table.index(of: "") == nil)
  }
}
