internal import EventLog
internal import Foundation
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import TestSupport
internal import Testing

@testable internal import RecommenderService

struct PutItemsTests {
  private let fixture: ServiceFixture

  init() throws { fixture = try ExplorationFixture.make() }

  @Test func aNewProductIsThereAtOnceAndAfterARestart() async throws {
    let exploration = ExplorationConfiguration(weight: 1)
    try await fixture.serve(try fixture.load(exploration: exploration)) {
      (client: RPCClient) async throws in
      let outcomes = try await client.putItems([
        PutItem(itemID: "new", name: "New product"), PutItem(itemID: "newer"),
      ])
      #expect(outcomes == [.created(itemIndex: 5), .created(itemIndex: 6)])
      try await expectThere(client)
      // It may be fed back at once.
      #expect(
        try await client.feedback([ServiceFixture.event("1", user: "c0", item: "new")])
          == [.accepted])
      let answer = try await client.recommend(user: "c0", count: 10)
      #expect(!answer.itemIDs.contains("new"), "nobody is offered what they hold")
      #expect(answer.itemIDs.contains("newer"))
    }
    try await fixture.serve(try fixture.load(exploration: exploration)) {
      (client: RPCClient) async throws in
      try await expectThere(client)
      let answer = try await client.recommend(user: "c0", count: 10)
      #expect(!answer.itemIDs.contains("new"), "after a restart, too")
    }
  }

  private func expectThere(_ client: RPCClient) async throws {
    let description = try await client.describe().service
    #expect(description.itemIDs == ["i0", "i1", "i2", "i3", "i4", "new", "newer"])
    #expect(description.itemNames.suffix(2) == ["New product", "newer"])
    #expect(description.coldItems.map(\.itemIndex) == [5, 6])
    #expect(description.coldItems.map(\.state) == [.exploring, .exploring])
    #expect(try await client.similarItems(item: "new", count: 2).source == .popularity)
    let answer = try await client.recommend(user: "c1", count: 10)
    #expect(answer.itemIDs.contains("new"))
    let without = try await client.recommend(user: "c1", count: 10, excluding: ["new"])
    #expect(!without.itemIDs.contains("new"))
  }

  @Test func whatIsThereIsDescribedAnew() async throws {
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let outcomes = try await client.putItems([
        PutItem(itemID: "new", name: "A"), PutItem(itemID: "new", name: "B"),
        PutItem(itemID: "i2", name: "Second"),
      ])
      #expect(
        outcomes == [
          .created(itemIndex: 5), .updated(itemIndex: 5), .updated(itemIndex: 2),
        ])
      let names = try await client.describe().service.itemNames
      #expect(names == ["i0", "i1", "Second", "i3", "i4", "B"])
    }
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let names = try await client.describe().service.itemNames
      #expect(names == ["i0", "i1", "Second", "i3", "i4", "B"])
    }
  }

  @Test func metadataMakeProductsSimilar() async throws {
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      _ = try await client.putItems([
        PutItem(itemID: "i0", category: "card"), PutItem(itemID: "i1", category: "loan"),
        PutItem(itemID: "i2", category: "card"), PutItem(itemID: "new", category: "card"),
      ])
      let answer = try await client.similarItems(item: "new", count: 5)
      #expect(answer.source == .metadata)
      #expect(Set(answer.itemIDs) == ["i0", "i2"])
    }
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let answer = try await client.similarItems(item: "new", count: 5)
      #expect(Set(answer.itemIDs) == ["i0", "i2"], "after a restart")
    }
  }

  @Test func theCatalogueGrowsToItsLimit() async throws {
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let limit = LiveCatalogue.addedItemLimit
      let outcomes = try await client.putItems((0...limit).map { PutItem(itemID: "new\($0)") })
      #expect(outcomes.prefix(limit).allSatisfy { if case .created = $0 { true } else { false } })
      guard case .rejected(let reason) = outcomes[limit] else {
        Issue.record("\(limit + 1) products were put")
        return
      }
      #expect(reason.hasPrefix("512 products were put already"))
      // What is there may still be described.
      #expect(
        try await client.putItems([PutItem(itemID: "new0", name: "x")])
          == [.updated(itemIndex: 5)])
    }
  }

  @Test func badProductsAreRejectedOneByOne() async throws {
    let day: Int64 = 86_400_000
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let outcomes = try await client.putItems([
        PutItem(
          itemID: "a", attributes: [.init(key: "x", value: "1"), .init(key: "X", value: "2")]),
        PutItem(itemID: "b", attributes: [.init(key: "price", value: "1")]),
        PutItem(itemID: "c", createdMilliseconds: ServiceFixture.nowMilliseconds + day + 1),
        PutItem(itemID: "d", createdMilliseconds: ServiceFixture.nowMilliseconds + day),
      ])
      #expect(
        outcomes.map { if case .rejected = $0 { true } else { false } } == [
          true, true, true, false,
        ])
      #expect(outcomes[3] == .created(itemIndex: 5))
    }
  }

  @Test func aFullDiskIsToldAndNothingChanges() async throws {
    struct FullDisk: ItemStore {
      func put(_ items: [StoredItem]) throws(EventLogError) {
        throw .unwritable(path: "/secret/path", reason: "disk full")
      }
      func all() throws(EventLogError) -> [StoredItem] { [] }
    }
    try await fixture.serve(try fixture.load(items: FullDisk())) {
      (client: RPCClient) async throws in
      await #expect(throws: RPCError.self) { try await client.putItems([PutItem(itemID: "new")]) }
      #expect(try await client.describe().service.itemIDs.count == 5)
      let outcomes = try await client.feedback([
        ServiceFixture.event("1", user: "c0", item: "new")
      ])
      #expect(outcomes == [.rejected(reason: "unknown item \"new\"")])
    }
  }

  @Test func aProductThatTheDatasetHasByNowIsNotThereTwice() async throws {
    let store = try SQLiteItemStore(path: fixture.folder.file("items.sqlite"))
    try store.put([
      StoredItem(itemID: "i3", name: "Third", createdMilliseconds: 1, prior: [-4]),
      StoredItem(itemID: "new", createdMilliseconds: 1, prior: [-4]),
    ])
    try await fixture.serve(try fixture.load(items: store)) { (client: RPCClient) async throws in
      let service = try await client.describe().service
      #expect(service.itemIDs == ["i0", "i1", "i2", "i3", "i4", "new"])
      #expect(service.itemNames[3] == "Third")
    }
  }

  @Test func productsSurviveToTheBit() throws {
    let path = fixture.folder.file("other.sqlite")
    let items = [
      StoredItem(
        itemID: "ñ", name: "A|B", category: "c", price: 0.1 + 0.2, attributes: ["k": "v"],
        createdMilliseconds: 5, prior: [-4.1, 1.0 / 3, .leastNonzeroMagnitude]),
      StoredItem(itemID: "z", createdMilliseconds: 6),
    ]
    try SQLiteItemStore(path: path).put(items)
    try SQLiteItemStore(path: path).put([items[0]])
    #expect(try SQLiteItemStore(path: path).all() == items)
  }
}
