import InteractionData
import TensorFiles

@testable import RecommenderModels

/// Small datasets of events, without a panel.
enum SequenceFixture {
  /// One customer's event.
  struct Event {
    var item: Int
    var time: Int64
    var type: UInt8 = EventType.acquired
  }

  static func dataset(
    items: Int, customers: [[Event]], attributes: [AttributeColumn] = [],
    metadata: [AttributeColumn] = []
  ) -> Dataset {
    var offsets: [UInt32] = [0]
    for customer in customers {
      offsets.append(offsets[offsets.count - 1] + UInt32(customer.count))
    }
    let events = Array(customers.joined())
    return Dataset(
      customers: IdentifierTable(customers.indices.map { "c\($0)" }),
      customerAttributes: AttributeTable(columns: attributes),
      items: ItemCatalogue(
        identifiers: IdentifierTable((0..<items).map { "item\($0)" }),
        attributes: AttributeTable(columns: metadata)),
      interactions: InteractionTable(
        offsets: Column(offsets), itemIndexes: Column(events.map { UInt32($0.item) }),
        timestamps: Column(events.map(\.time)), eventTypes: Column(events.map(\.type))),
      panel: nil)
  }

  /// Customers with events at random times, some of them hours apart.
  static func random(
    customers: Int, items: Int, seed: UInt64, hasMetadata: Bool = false
  ) -> Dataset {
    var generator = SeededGenerator(seed: seed)
    return dataset(
      items: items,
      customers: (0..<customers).map { _ in
        var time: Int64 = 1_000_000
        return (0..<1 + generator.nextIndex(below: 9)).map { _ in
          time += generator.nextUnitDouble() < 0.4 ? 7200 : 60
          return Event(item: generator.nextIndex(below: items), time: time)
        }
      },
      attributes: hasMetadata
        ? [
          numbers("age", (0..<customers).map { Float($0 % 7) }),
          texts("region", (0..<customers).map { ["north", "south"][$0 % 2] }),
        ] : [],
      metadata: hasMetadata
        ? [
          numbers("price", (0..<items).map { $0 % 5 == 4 ? .nan : Float($0) }),
          texts("genre", (0..<items).map { ["a|b", "b", "c | a"][$0 % 3] }),
        ] : [])
  }

  static func numbers(_ name: String, _ values: [Float]) -> AttributeColumn {
    AttributeColumn(name: name, values: .numeric(Column(values)))
  }

  /// A column of texts; nil where nothing is known.
  static func texts(_ name: String, _ values: [String?]) -> AttributeColumn {
    let categories = Set(values.compactMap { $0 }).sorted()
    return AttributeColumn(
      name: name,
      values: .categorical(
        codes: Column(
          values.map { text in
            text.flatMap { categories.firstIndex(of: $0) }.map { UInt16($0) }
              ?? AttributeColumn.missingCode
          }), categories: categories))
  }

  static var settings: HRNNConfiguration {
    var settings = PanelFixture.smallSettings
    settings.eventLimit = 20
    return settings
  }
}
