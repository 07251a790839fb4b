import InteractionData
import TensorFiles

@testable import RecommenderModels

/// Small panels made in a test.
enum PanelFixture {
  /// One customer's month.
  struct Row {
    var month: Int
    var held: UInt64
    var isActive = true
  }

  static func dataset(
    items: Int, firstMonth: Month = Month(year: 2015, month: 1), customers: [[Row]],
    attributes: [AttributeColumn] = []
  ) -> Dataset {
    let rows = customers.joined()
    var offsets: [UInt32] = [0]
    for customer in customers {
      offsets.append(offsets[offsets.count - 1] + UInt32(customer.count))
    }
    let months = (rows.map(\.month).max() ?? 0) + 1
    return Dataset(
      customers: IdentifierTable(customers.indices.map { "c\($0)" }),
      customerAttributes: AttributeTable(columns: attributes),
      items: ItemCatalogue(identifiers: IdentifierTable((0..<items).map { "item\($0)" })),
      interactions: InteractionTable(
        offsets: Column([UInt32](repeating: 0, count: customers.count + 1)),
        itemIndexes: Column([]), timestamps: Column([]), eventTypes: Column([])),
      panel: HoldingsPanel(
        firstMonth: firstMonth, monthCount: months, offsets: Column(offsets),
        monthIndexes: Column(rows.map { UInt8($0.month) }), held: Column(rows.map(\.held)),
        flags: Column(rows.map { $0.isActive ? HoldingsPanel.activeFlag : 0 })))
  }

  /// Customers who take and drop items at random, some with gaps, with two attributes.
  static func random(
    customers: Int, items: Int, months: Int, changeRate: Double = 0.15, seed: UInt64
  ) -> Dataset {
    var generator = SeededGenerator(seed: seed)
    let histories = (0..<customers).map { _ -> [Row] in
      let first = generator.nextIndex(below: max(months / 2, 1))
      var held = generator.next() & 3
      var rows: [Row] = []
      for month in first..<months {
        for item in 0..<items where generator.nextUnitDouble() < changeRate {
          held ^= 1 << UInt64(item)
        }
        if month > first && generator.nextUnitDouble() < 0.1 { continue }
        rows.append(
          Row(month: month, held: held, isActive: generator.nextUnitDouble() < 0.7))
      }
      return rows
    }
    let ages = (0..<customers).map { _ in
      generator.nextUnitDouble() < 0.1 ? Float.nan : Float(20 + 60 * generator.nextUnitDouble())
    }
    let codes = (0..<customers).map { _ in UInt16(generator.nextIndex(below: 3)) }
    return dataset(
      items: items, customers: histories,
      attributes: [
        AttributeColumn(name: "age", values: .numeric(Column(ages))),
        AttributeColumn(
          name: "segment", values: .categorical(codes: Column(codes), categories: ["a", "b", "c"])),
      ])
  }

  /// The smallest settings allowed, for quick tests.
  static var smallSettings: HRNNConfiguration {
    var settings = HRNNConfiguration()
    settings.hiddenDimension = 32
    settings.sessionHiddenDimension = 8
    settings.embeddingDimension = 8
    settings.attributeDimension = 8
    settings.epochs = 2
    settings.batchSize = 128
    settings.validationShare = 0.1
    return settings
  }

  static func train(
    _ dataset: Dataset, _ settings: HRNNConfiguration, seed: UInt64 = 1, threadCount: Int = 1
  ) throws(ModelError) -> HRNNTrainingResult {
    try HRNNRecommender.train(
      on: dataset, configuration: settings, seed: seed, threadCount: threadCount,
      now: { .zero })
  }

  /// The scores of all customers. `[customers][items]`
  static func scores(
    _ model: HRNNRecommender, _ dataset: Dataset, targetMonth: Month
  ) -> [[Float]] {
    let scorer = model.scorer(for: dataset, targetMonth: targetMonth)
    let items = dataset.items.count
    return (0..<dataset.customers.count).map { customer in
      var row = [Float](repeating: .nan, count: items)
      row.withUnsafeMutableBufferPointer { scorer.score([dataset.history(of: customer)], into: $0) }
      return row
    }
  }
}
