internal import InteractionData
internal import RecommenderModels
internal import TensorFiles

/// First-order Markov chain over sessions: a session is the positive interactions of one moment.
///
/// With `T_ij` the times that a session with `j` came right after one with `i`, and `n_i` the
/// sessions with `i` that had a successor, an item's score is `Σ_{i ∈ last session} T_ij / n_i`,
/// plus a millionth of its share of all interactions to rank what never followed.
struct MarkovScorer: Scorer {
  private let offsets: [Int]
  private let targets: [UInt32]
  private let shares: [Float]
  private let popularity: [Float]
  private let positiveEventTypes: [Bool]

  var batchLimit: Int { 256 }

  init(_ dataset: Dataset) {
    let itemCount = dataset.items.count
    let table = dataset.interactions
    positiveEventTypes = table.positiveEventTypes
    var pairs: [UInt64] = []
    var successors = [Float](repeating: 0, count: itemCount)
    var counts = [Int](repeating: 0, count: itemCount)
    for customer in 0..<dataset.customers.count {
      var (before, now): ([UInt32], [UInt32]) = ([], [])
      var time = Int64.min
      for row in dataset.positiveRows(of: customer, positiveEventTypes) {
        if table.timestamps[row] != time {
          Self.count(before, now, &pairs, &successors)
          (before, now) = (now, [])
          time = table.timestamps[row]
        }
        now.append(table.itemIndexes[row])
        counts[Int(table.itemIndexes[row])] += 1
      }
      Self.count(before, now, &pairs, &successors)
    }
    pairs.sort()
    let total = Float(max(counts.reduce(0, +), 1))
    popularity = counts.map { Float($0) / total * 1e-6 }
    var offsets = [Int](repeating: 0, count: itemCount + 1)
    var targets: [UInt32] = []
    var shares: [Float] = []
    var position = 0
    while position < pairs.count {
      var end = position
      while end < pairs.count && pairs[end] == pairs[position] { end += 1 }
      let item = Int(pairs[position] >> 32)
      targets.append(UInt32(truncatingIfNeeded: pairs[position]))
      shares.append(Float(end - position) / max(successors[item], 1))
      offsets[item + 1] += 1
      position = end
    }
    for item in 0..<itemCount { offsets[item + 1] += offsets[item] }
    (self.offsets, self.targets, self.shares) = (offsets, targets, shares)
  }

  private static func count(
    _ before: [UInt32], _ now: [UInt32], _ pairs: inout [UInt64], _ successors: inout [Float]
  ) {
    guard !now.isEmpty else { return }
    for item in before {
      successors[Int(item)] += 1
      for next in now { pairs.append(UInt64(item) << 32 | UInt64(next)) }
    }
  }

  func score(_ histories: [CustomerHistory], into output: UnsafeMutableBufferPointer<Float>) {
    let itemCount = popularity.count
    for (index, history) in histories.enumerated() {
      let row = output.extracting(index * itemCount..<(index + 1) * itemCount)
      for item in 0..<itemCount { row[item] = popularity[item] }
      var time: Int64?
      for position in stride(from: history.itemIndexes.count - 1, through: 0, by: -1)
      where positiveEventTypes[Int(history.eventTypes[position])] {
        if time == nil { time = history.timestamps[position] }
        guard history.timestamps[position] == time else { break }
        let item = Int(history.itemIndexes[position])
        for entry in offsets[item]..<offsets[item + 1] { row[Int(targets[entry])] += shares[entry] }
      }
    }
  }
}
