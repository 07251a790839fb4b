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

  /// Around eight bytes, where an identifier no longer stands in the table itself: all lengths, and
  /// of each those that differ in one byte.
  @Test func lengthsAndSingleBytesTellIdentifiersApart() {
    let known = (1...20).map { String(repeating: "a", count: $0) } + ["a ", "aaaa ", "aaaaaaaa "]
    let table = IdentifierTable(known)
    for (index, identifier) in known.enumerated() {
      #expect(table.index(of: identifier) == index)
    }
    for length in 1...21 {
      for place in 0..<length {
        var bytes = [UInt8](repeating: 0x61, count: length)
        bytes[place] = 0x62
        #expect(bytes.withUnsafeBytes { table.index(of: $0) } == nil)
      }
    }
    #expect(table.index(of: String(repeating: "a", count: 21)) == nil)
  }

  @Test func anEmptyTableFindsNothing() {
    let table = IdentifierTable([])
    #expect(table.count == 0)
    #expect(table.index(of: "") == nil)
  }
}
