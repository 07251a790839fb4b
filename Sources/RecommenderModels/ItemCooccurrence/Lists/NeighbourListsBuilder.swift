internal import LinearAlgebra
internal import Synchronization

/// Selects each item's best neighbours, both ways, from counted pairs.
struct NeighbourListsBuilder {
  let pairs: CountedPairs
  private let selection: NeighbourSelection
  let configuration: ItemCooccurrenceConfiguration

  init(_ pairs: CountedPairs, _ configuration: ItemCooccurrenceConfiguration) {
    self.pairs = pairs
    self.configuration = configuration
    selection = NeighbourSelection(
      formula: SimilarityFormula(pairs, configuration), configuration: configuration)
  }

  /// The most runs of items that are worked on one by one, so that threads end together.
  private static let runCount = 128

  /// The items most similar to each item, and for each item those that speak most for it, both with
  /// similarities as weights.
  func lists(threadCount: Int) -> (similar: NeighbourLists, sources: NeighbourLists) {
    let itemCount = pairs.itemCounts.count
    let size = max(16, (itemCount + Self.runCount - 1) / Self.runCount)
    let ranges = Parallel.chunks(of: itemCount, chunkSize: size)
    let isSymmetric = configuration.isSymmetric
    let results = Mutex(
      [(similar: NeighbourRun, sources: NeighbourRun)?](repeating: nil, count: ranges.count))
    Parallel.forEach(count: ranges.count, threadCount: threadCount) { index in
      let made = self.runs(of: ranges[index], isSymmetric: isSymmetric)
      results.withLock { $0[index] = made }
    }
    let runs = results.withLock { $0.compactMap { $0 } }
    let similar = NeighbourRun.lists(runs.map(\.similar))
    return (similar, isSymmetric ? similar : NeighbourRun.lists(runs.map(\.sources)))
  }

  private func runs(of items: Range<Int>, isSymmetric: Bool) -> (
    similar: NeighbourRun, sources: NeighbourRun
  ) {
    let row = CooccurrenceRow(itemCount: pairs.itemCounts.count, isWeighted: pairs.isWeighted)
    let best = BestKeys(limit: configuration.neighbourLimit)
    let isOrdered = configuration.direction == .after
    var similar = NeighbourRun()
    var sources = NeighbourRun()
    for item in items {
      pairs.fill(row, item: item, backward: false)
      selection.select(row, item, isSource: true, into: best)
      similar.append(best)
      if !isSymmetric {
        if isOrdered {
          row.clear()
          pairs.fill(row, item: item, backward: true)
        }
        selection.select(row, item, isSource: false, into: best)
        sources.append(best)
      }
      row.clear()
    }
    return (similar, sources)
  }
}
