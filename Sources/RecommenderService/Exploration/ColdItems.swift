internal import InteractionData
internal import TensorFiles

/// Which items of a dataset are cold.
enum ColdItems {
  /// An item that fewer interactions speak for is cold.
  static let interactionLimit = 10
  /// The most items of a dataset that are explored; of more, those with the fewest interactions.
  static let datasetItemLimit = 512

  /// The indexes of the cold items, ascending.
  ///
  /// An item's age is counted up to the newest that the dataset tells, not to now: what the models
  /// know of it ends there.
  static func indexes(of dataset: Dataset, itemAgeCutOffMilliseconds: Int64) -> [Int] {
    var counts = [Int](repeating: 0, count: dataset.items.count)
    let positive = dataset.interactions.positiveEventTypes
    for row in 0..<dataset.interactions.count
    where positive[Int(dataset.interactions.eventTypes[row])] {
      counts[Int(dataset.interactions.itemIndexes[row])] += 1
    }
    let created = dataset.items.creationTimes
    let knownThrough = dataset.knownThrough
    let cold = counts.indices.filter { item in
      if counts[item] < interactionLimit { return true }
      guard !created.isEmpty, created[item] != .min else { return false }
      return (knownThrough - created[item]) * 1000 < itemAgeCutOffMilliseconds
    }
    return cold.sorted { (counts[$0], $0) < (counts[$1], $1) }.prefix(datasetItemLimit).sorted()
  }
}
