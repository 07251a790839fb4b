internal import TensorFiles

/// The lists of a run of items, one after the other.
struct NeighbourRun {
  private(set) var lengths: [UInt32] = []
  private(set) var items: [UInt32] = []
  private(set) var weights: [Float] = []

  /// Adds the list of the next item from keys of the weight's ordered bits above and the complement
  /// of a number below, so that the larger key is the larger weight and among equals the lower
  /// number.
  ///
  /// - Parameters:
  ///   - best: the keys, put in order here.
  ///   - item: the item a number stands for.
  mutating func append(_ best: BestKeys, item: (UInt32) -> UInt32 = { $0 }) {
    best.finish()
    lengths.append(UInt32(best.count))
    for position in 0..<best.count {
      let key = best.keys[position]
      items.append(item(~UInt32(truncatingIfNeeded: key)))
      weights.append(Float(bitPattern: UInt32(truncatingIfNeeded: key >> 32)))
    }
  }

  /// Adds an empty list.
  mutating func appendNothing() { lengths.append(0) }

  /// All lists of consecutive runs.
  static func lists(_ runs: [NeighbourRun]) -> NeighbourLists {
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
