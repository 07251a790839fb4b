internal import EventLog
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import RecommenderService
internal import TestSupport

/// A bank of two kinds of customers whose products are all established.
enum ExplorationFixture {
  /// Forty customers, twenty young and twenty old; every product is taken by at least ten, most by
  /// more.
  static func dataset() -> Dataset {
    let customers: [[UInt64?]] = (0..<40).map { customer in
      // Products 0 to 3, each held by some from the start, taken by others later.
      let first = UInt64(1 << (customer % 4))
      let second = UInt64(1 << ((customer / 4 + 1) % 4))
      return [first, first, first | second]
    }
    return DatasetFixture.panel(
      itemCount: 5, customers: customers.map { $0.map { $0.map { $0 | 0b10000 } } },
      attributes: AttributeTable(columns: [
        DatasetFixture.numbers("age", (0..<40).map { $0 < 20 ? 25 : 65 }),
        DatasetFixture.categories("segmento", (0..<40).map { $0 % 2 == 0 ? "a" : "b" }),
      ]))
  }

  static func make() throws -> ServiceFixture { try ServiceFixture(dataset: dataset()) }
}
