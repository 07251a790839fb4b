internal import LinearAlgebra
internal import Synchronization

/// Selects each item's best neighbours, both ways, from counted pairs.
struct NeighbourListsBuilder {
  let pairs: CountedPairs
  let formula: SimilarityFormula
  let configuration: ItemCooccurrenceConfiguration

  init(_ pairs: CountedPairs, _ configuration: ItemCooccurrenceConfiguration) {
    self.pairs = pairs
    self.configuration = configuration
    formula = SimilarityFormula(pairs, configuration)
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
      select(row, item, isSource: true, into: best)
      similar.append(best)
      if !isSymmetric {
        if isOrdered {
          row.clear()
          pairs.fill(row, item: item, backward: true)
        }
        select(row, item, isSource: false, into: best)
        sources.append(best)
      }
      row.clear()
    }
    return (similar, sources)
  }

  /// Gathers the best of a row: similarities as ordered bits above, the item's complement below, so
  /// that the larger key is the more similar item and among equals the lower index.
  private func select(
    _ row: CooccurrenceRow, _ item: Int, isSource: Bool, into best: BestKeys
  ) {
    best.removeAll()
    row.counts[item] = 0
    let minimum = UInt32(max(configuration.minimumCointeractionCount, 1))
    if formula.similarity == .cosine {
      selectByCosine(row, item, isSource: isSource, minimum: minimum, into: best)
      return
    }
    for position in 0..<row.touchedCount {
      let other = Int(row.touched[position])
      guard row.counts[other] >= minimum else { continue }
      let sum = row.isWeighted ? row.sums[other] : Double(row.counts[other])
      let weight =
        isSource
        ? formula.weight(source: item, target: other, sum: sum)
        : formula.weight(source: other, target: item, sum: sum)
      let key = Self.key(weight, UInt32(other))
      if weight > 0 && key > best.threshold { best.add(key) }
    }
  }

  private func selectByCosine(
    _ row: CooccurrenceRow, _ item: Int, isSource: Bool, minimum: UInt32, into best: BestKeys
  ) {
    let own = isSource ? formula.sourceFactors[item] : formula.targetFactors[item]
    let factors = isSource ? formula.targetFactors : formula.sourceFactors
    let (counts, sums, touched) = (row.counts, row.sums, row.touched)
    let isWeighted = row.isWeighted
    var threshold = best.threshold
    factors.withUnsafeBufferPointer { factors in
      for position in 0..<row.touchedCount {
        let other = touched[position]
        let count = counts[Int(other)]
        guard count >= minimum else { continue }
        let sum = isWeighted ? sums[Int(other)] : Double(count)
        let key = Self.key(Float(sum * (own * factors[Int(other)])), other)
        if key > threshold {
          best.add(key)
          threshold = best.threshold
        }
      }
    }
  }

  private static func key(_ weight: Float, _ item: UInt32) -> UInt64 {
    UInt64(weight.bitPattern) << 32 | UInt64(~item)
  }
}
