internal import LinearAlgebra
internal import Synchronization
internal import TensorFiles

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

  /// The lists of a run of items, one after the other.
  private struct Run {
    var lengths: [UInt32] = []
    var items: [UInt32] = []
    var weights: [Float] = []

    mutating func append(_ best: BestKeys) {
      best.finish()
      lengths.append(UInt32(best.count))
      for position in 0..<best.count {
        let key = best.keys[position]
        items.append(~UInt32(truncatingIfNeeded: key))
        weights.append(Float(bitPattern: UInt32(truncatingIfNeeded: key >> 32)))
      }
    }
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
    let results = Mutex([(similar: Run, sources: Run)?](repeating: nil, count: ranges.count))
    Parallel.forEach(count: ranges.count, threadCount: threadCount) { index in
      let made = self.runs(of: ranges[index], isSymmetric: isSymmetric)
      results.withLock { $0[index] = made }
    }
    let runs = results.withLock { $0.compactMap { $0 } }
    let similar = Self.concatenated(runs.map(\.similar), threadCount)
    return (similar, isSymmetric ? similar : Self.concatenated(runs.map(\.sources), threadCount))
  }

  private func runs(of items: Range<Int>, isSymmetric: Bool) -> (similar: Run, sources: Run) {
    let row = CooccurrenceRow(itemCount: pairs.itemCounts.count, isWeighted: pairs.isWeighted)
    let best = BestKeys(limit: configuration.neighbourLimit)
    let isOrdered = configuration.direction == .after
    var similar = Run()
    var sources = Run()
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

  private static func concatenated(_ runs: [Run], _ threadCount: Int) -> NeighbourLists {
    var ends: [UInt32] = [0]
    var starts = [0]
    for run in runs {
      for length in run.lengths { ends.append(ends[ends.count - 1] + length) }
      starts.append(starts[starts.count - 1] + run.items.count)
    }
    let total = starts[starts.count - 1]
    return NeighbourLists(
      offsets: Column(ends),
      neighbours: Column(count: total) { destination in
        for (index, run) in runs.enumerated() {
          _ = destination[starts[index]...].update(fromContentsOf: run.items)
        }
      },
      weights: Column(count: total) { destination in
        for (index, run) in runs.enumerated() {
          _ = destination[starts[index]...].update(fromContentsOf: run.weights)
        }
      })
  }
}
