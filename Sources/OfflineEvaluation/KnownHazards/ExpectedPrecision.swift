/// The expected average precision of a list when each item is taken with a known probability,
/// independently of the others.
///
/// With the item at rank i taken, s of those before it and r of those after it or not listed, AP@k
/// gains `(s + 1) / i / min(k, s + 1 + r)`. The numbers s and r are sums of independent events, whose
/// distributions are built up one item at a time; nothing is drawn.
struct ExpectedPrecision {
  private let k: Int
  /// The distribution of how many items before a rank are taken. `[k + 1]`
  private var before: [Double]
  /// For each rank, that of how many others than those before and at it are taken; `k` stands for
  /// `k` and more. `[k + 1, k + 1]`, row-major
  private var others: [Double]

  init(k: Int) {
    self.k = k
    before = [Double](repeating: 0, count: k + 1)
    others = [Double](repeating: 0, count: (k + 1) * (k + 1))
  }

  /// The expected AP@k of a customer.
  ///
  /// - Parameters:
  ///   - ranked: the items of the list, best first; those after the k-th do not count.
  ///   - hazards: the probability of each item being taken, 0 for those that cannot be. `[items]`
  /// - Returns: a value from 0 to 1.
  mutating func callAsFunction(
    ranked: UnsafeBufferPointer<UInt32>, hazards: ArraySlice<Float>
  ) -> Double {
    let length = min(k, ranked.count)
    let width = k + 1
    let base = hazards.startIndex
    // From the back: what is not listed, then the list from its end.
    for state in 0..<width { others[length * width + state] = state == 0 ? 1 : 0 }
    for item in hazards.indices where !ranked.prefix(length).contains(UInt32(item - base)) {
      convolve(length, Double(hazards[item]))
    }
    for rank in stride(from: length - 1, through: 0, by: -1) {
      for state in 0..<width { others[rank * width + state] = others[(rank + 1) * width + state] }
      // `others[rank]` holds what comes after the item at `rank`, counted from 0.
      if rank < length - 1 { convolve(rank, Double(hazards[base + Int(ranked[rank + 1])])) }
    }
    for state in 0..<width { before[state] = state == 0 ? 1 : 0 }
    var sum = 0.0
    for rank in 0..<length {
      let hazard = Double(hazards[base + Int(ranked[rank])])
      for taken in 0...rank where before[taken] > 0 {
        for rest in 0..<width {
          let found = min(k, taken + 1 + rest)
          sum +=
            hazard * before[taken] * others[rank * width + rest] * Double(taken + 1)
            / Double((rank + 1) * found)
        }
      }
      for taken in stride(from: rank + 1, through: 0, by: -1) {
        before[taken] =
          before[taken] * (1 - hazard) + (taken > 0 ? before[taken - 1] * hazard : 0)
      }
    }
    return sum
  }

  /// Adds one more item to the distribution of a rank.
  private mutating func convolve(_ rank: Int, _ hazard: Double) {
    let start = rank * (k + 1)
    others[start + k] += others[start + k - 1] * hazard
    for state in stride(from: k - 1, through: 0, by: -1) {
      others[start + state] =
        others[start + state] * (1 - hazard)
        + (state > 0 ? others[start + state - 1] * hazard : 0)
    }
  }
}
