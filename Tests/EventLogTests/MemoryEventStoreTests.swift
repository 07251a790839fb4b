internal import EventLogTestSupport
internal import Testing

struct MemoryEventStoreTests {
  @Test func conforms() throws {
    var stores: [String: MemoryEventStore] = [:]
    try EventStoreConformance.check { name in
      let store = stores[name] ?? MemoryEventStore()
      stores[name] = store
      return store
    }
  }
}
