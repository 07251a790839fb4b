public import InteractionData
public import RecommenderModels

/// Scores customers by what a file says of them, for measuring programs other than this one.
public struct FileScorer: Scorer {
  private let table: CustomerItemTable

  /// The most histories of one call.
  public let batchLimit = 1024

  /// Makes a scorer; customers of the dataset whom the file does not name score 0 everywhere.
  public init(_ table: CustomerItemTable) { self.table = table }

  /// Scores every item; see `Scorer`.
  public func score(
    _ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>
  ) {
    let itemCount = table.itemCount
    for (index, history) in histories.enumerated() {
      let row = scores.extracting(index * itemCount..<(index + 1) * itemCount)
      let place = history.attributeIndex.map { Int(table.places[$0]) } ?? -1
      guard place >= 0 else {
        row.update(repeating: 0)
        continue
      }
      _ = row.update(fromContentsOf: table.row(place))
    }
  }
}
