internal import RecommenderRPC

extension Tour {
  /// A product put into the catalogue, and what is most like it.
  static func newProducts(_ client: RPCClient) async throws(RPCError) {
    let bond = PutItem(itemID: "green_bond", name: "Green bond", category: "funds", price: 100)
    // Created the first time, updated the second; its place stays.
    for _ in 1...2 { print(try await client.putItems([bond])) }
    let alike = try await client.similarItems(item: "green_bond", count: 3)
    print("\(alike.itemIDs), \(alike.source)")
  }
}
