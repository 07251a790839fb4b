/// Selects the best neighbours of one row of counts.
struct NeighbourSelection {
  /// What turns counts into similarities.
  var formula: SimilarityFormula
  let configuration: ItemCooccurrenceConfiguration

  /// Gathers the best of a row: similarities as ordered bits above, the item's complement below, so
  /// that the larger key is the more similar item and among equals the lower index.
  ///
  /// - Parameters:
  ///   - row: the row's counts; the item's own is set to zero.
  ///   - item: the row's item.
  ///   - isSource: whether the row's item is the one asked about rather than the one found.
  ///   - best: where the keys go.
  func select(
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
