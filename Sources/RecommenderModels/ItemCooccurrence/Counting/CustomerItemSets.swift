internal import Foundation
internal import InteractionData
internal import TensorFiles

/// The distinct items each customer had a positive interaction with, by the time of the first one.
struct CustomerItemSets {
  /// Where each customer's entries start. `[customers + 1]`
  private(set) var offsets: [UInt32]
  /// The items, grouped by customer. `[entries]`
  private(set) var items: [UInt32]
  /// When each item was first had, in seconds since 1970. `[entries]`
  private(set) var firstTimes: [Int64]
  /// What each entry counts; empty when all count 1. `[entries]`
  private(set) var weights: [Double]

  /// The number of customers.
  var count: Int { offsets.count - 1 }

  /// The entries of a customer.
  func range(of customer: Int) -> Range<Int> {
    Int(offsets[customer])..<Int(offsets[customer + 1])
  }

  /// The sets with every positive interaction counting 1.
  init(_ dataset: Dataset) {
    self.init(
      dataset, .init(), codeWeights: dataset.interactions.positiveEventTypes.map { $0 ? 1 : 0 })
  }

  /// The sets with weights.
  ///
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)`` for unknown event types.
  init(_ dataset: Dataset, _ configuration: ItemCooccurrenceConfiguration) throws(ModelError) {
    let codeWeights = try Self.weightsByCode(dataset.interactions, configuration)
    self.init(dataset, configuration, codeWeights: codeWeights)
  }

  private init(
    _ dataset: Dataset, _ configuration: ItemCooccurrenceConfiguration, codeWeights: [Double]
  ) {
    let table = dataset.interactions
    let isWeighted = !configuration.countsWholeInteractions
    let decay = Self.decayPerSecond(configuration)
    let newest = decay == 0 ? 0 : table.timestamps.buffer.max() ?? 0
    offsets = [0]
    offsets.reserveCapacity(dataset.customers.count + 1)
    items = []
    items.reserveCapacity(table.count)
    firstTimes = []
    firstTimes.reserveCapacity(table.count)
    weights = []
    // For each item the customer it was last seen with, plus one, and the entry made then.
    var seenWith = [UInt32](repeating: 0, count: dataset.items.count)
    var entryOf = [Int](repeating: 0, count: isWeighted ? dataset.items.count : 0)
    for customer in 0..<dataset.customers.count {
      for row in table.rows(of: customer) {
        let codeWeight = codeWeights[Int(table.eventTypes[row])]
        guard codeWeight > 0 else { continue }
        let item = table.itemIndexes[row]
        let isNew = seenWith[Int(item)] != UInt32(customer) + 1
        if isNew {
          seenWith[Int(item)] = UInt32(customer) + 1
          items.append(item)
          firstTimes.append(table.timestamps[row])
        }
        if isWeighted {
          let weight = codeWeight * exp2(Double(table.timestamps[row] - newest) * decay)
          if isNew {
            entryOf[Int(item)] = weights.count
            weights.append(weight)
          } else {
            weights[entryOf[Int(item)]] = max(weights[entryOf[Int(item)]], weight)
          }
        }
      }
      offsets.append(UInt32(items.count))
    }
  }

  /// For each code what an event counts: 0 for types that do not speak for the item.
  private static func weightsByCode(
    _ table: InteractionTable, _ configuration: ItemCooccurrenceConfiguration
  ) throws(ModelError) -> [Double] {
    for name in configuration.eventWeights.keys.sorted()
    where !table.eventTypeNames.contains(name) {
      throw .invalidSetting(
        name: "event_weights", value: name,
        expected: "event types of the data: " + table.eventTypeNames.joined(separator: ", "))
    }
    return zip(table.eventTypeNames, table.positiveEventTypes).map { name, isPositive in
      isPositive ? configuration.eventWeights[name] ?? 1 : 0
    }
  }

  private static func decayPerSecond(_ configuration: ItemCooccurrenceConfiguration) -> Double {
    let days = configuration.recencyHalfLifeDays
    return days == 0 ? 0 : 1 / (days * 86_400)
  }

  /// The entries of items and customers that are kept; other customers stay, with no entries.
  func keeping(items keptItems: [Bool], lengths: ClosedRange<Int>) -> CustomerItemSets {
    var kept = self
    kept.offsets = [0]
    kept.items = []
    kept.firstTimes = []
    kept.weights = []
    for customer in 0..<count {
      let range = range(of: customer)
      if lengths.contains(range.count) {
        for entry in range where keptItems[Int(items[entry])] {
          kept.items.append(items[entry])
          kept.firstTimes.append(firstTimes[entry])
          if !weights.isEmpty { kept.weights.append(weights[entry]) }
        }
      }
      kept.offsets.append(UInt32(kept.items.count))
    }
    return kept
  }
}
