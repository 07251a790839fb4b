internal import LinearAlgebra

/// What a policy's terms add up to for each customer: all that a bootstrap over customers needs.
struct OffPolicySums: Sendable {
  /// The columns before the slots' weights, weighted rewards and counts.
  enum Column: Int, CaseIterable {
    case answers, reward, weighted, guessed, doublyRobust, unsupportedSlots
  }

  /// The customers whose sums are read once for all replicates.
  static let blockSize = 64

  private let slotCount: Int
  private let width: Int
  /// `[customers, width]`
  private var sums: [Double]
  private let customerCount: Int

  init(customerCount: Int, slotCount: Int) {
    self.customerCount = customerCount
    self.slotCount = slotCount
    width = Column.allCases.count + 3 * slotCount
    sums = [Double](repeating: 0, count: customerCount * width)
  }

  /// Adds an answer's terms.
  mutating func add(_ terms: AnswerTerms, of answer: LoggedAnswer) {
    let base = answer.customer * width
    sums[base + Column.answers.rawValue] += 1
    sums[base + Column.reward.rawValue] += answer.reward
    sums[base + Column.weighted.rawValue] += terms.weighted
    sums[base + Column.guessed.rawValue] += terms.guessed
    sums[base + Column.doublyRobust.rawValue] += terms.doublyRobust
    sums[base + Column.unsupportedSlots.rawValue] += terms.unsupportedSlots
    for (slot, pair) in terms.slots.enumerated() {
      let place = base + Column.allCases.count + 3 * slot
      sums[place] += pair.weight
      sums[place + 1] += pair.weightedReward
      sums[place + 2] += 1
    }
  }

  /// What the customers' sums are as means of an answer.
  struct Means {
    var reward = 0.0
    var weighted = 0.0
    var selfNormalized = 0.0
    var guessed = 0.0
    var doublyRobust = 0.0
    var unsupportedSlots = 0.0
  }

  /// The means over the customers as they are.
  var means: Means {
    var total = [Double](repeating: 0, count: width)
    for customer in 0..<customerCount {
      for column in 0..<width { total[column] += sums[customer * width + column] }
    }
    return means(total[...])
  }

  /// The means over the customers as each of some replicates draws them.
  ///
  /// What a replicate adds up, it adds up customer by customer, whatever the other replicates are. The
  /// replicates take turns at a few customers, because the sums of all lie too far from the processor
  /// to be fetched for each.
  func means(_ samples: [BootstrapSample]) -> [Means] {
    var totals = [Double](repeating: 0, count: samples.count * width)
    let blocks = Parallel.chunks(of: customerCount, chunkSize: Self.blockSize)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.blockSize) { memory in
      totals.withUnsafeMutableBufferPointer { totals in
        sums.withUnsafeBufferPointer { sums in
          for block in blocks {
            let weights = memory.extracting(0..<block.count)
            for (place, sample) in samples.enumerated() {
              sample.weights(from: block.lowerBound, into: weights)
              Self.add(
                sums.extracting(block.lowerBound * width..<block.upperBound * width), weights,
                to: totals.extracting(place * width..<(place + 1) * width))
            }
          }
        }
      }
    }
    return samples.indices.map { means(totals[$0 * width..<($0 + 1) * width]) }
  }

  /// Adds rows of sums, each as often as its weight says.
  private static func add(
    _ rows: UnsafeBufferPointer<Double>, _ weights: UnsafeMutableBufferPointer<UInt8>,
    to total: UnsafeMutableBufferPointer<Double>
  ) {
    for (place, weight) in weights.enumerated() where weight > 0 {
      let factor = Double(weight)
      let row = rows.extracting(place * total.count..<(place + 1) * total.count)
      for column in total.indices { total[column] += factor * row[column] }
    }
  }

  private func means(_ total: ArraySlice<Double>) -> Means {
    let total = Array(total)
    let answers = total[Column.answers.rawValue]
    func mean(_ column: Column) -> Double { total[column.rawValue] / answers }
    // Each slot is normalised by its own weights: NaN where all of them are 0.
    var selfNormalized = 0.0
    for slot in 0..<slotCount {
      let place = Column.allCases.count + 3 * slot
      guard total[place + 2] > 0 else { continue }
      selfNormalized += total[place + 1] / total[place] * total[place + 2] / answers
    }
    return Means(
      reward: mean(.reward), weighted: mean(.weighted), selfNormalized: selfNormalized,
      guessed: mean(.guessed), doublyRobust: mean(.doublyRobust),
      unsupportedSlots: mean(.unsupportedSlots))
  }
}
