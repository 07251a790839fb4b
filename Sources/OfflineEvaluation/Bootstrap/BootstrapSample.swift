internal import Foundation
internal import InteractionData

/// The weights of one bootstrap replicate: how often each customer is drawn.
///
/// The Poisson bootstrap: each customer's weight is Poisson(1), drawn from the seed, the replicate
/// and the customer alone (Chamandy et al. 2012, "Estimating uncertainty for massive data
/// streams"), so that weights do not depend on threads, models are compared on the same draws, and
/// a customer who is evaluated in several months is drawn for all of them together.
struct BootstrapSample {
  private let key: UInt64

  init(seed: UInt64, replicate: Int) {
    var generator = SeededGenerator(seed: seed, stream: UInt64(replicate))
    key = generator.next()
  }

  /// The cumulative Poisson(1) probabilities, in units of 2⁻⁶⁴.
  private static let thresholds: [UInt64] = {
    var thresholds: [UInt64] = []
    var (term, sum) = (exp(-1.0), 0.0)
    for count in 1...12 {
      sum += term
      term /= Double(count)
      thresholds.append(UInt64(min(sum * 0x1p64, 0x1.fffffffffffffp63)))
    }
    return thresholds
  }()

  /// The weight of the smallest word of each highest byte: where the search of the others begins, and
  /// mostly ends.
  private static let leastWeights: [UInt8] = (0...UInt64(UInt8.max)).map { byte in
    UInt8(thresholds.count { byte << 56 >= $0 })
  }

  /// SplitMix64's finaliser over key and customer.
  @inline(__always)
  private func word(of customer: UInt32) -> UInt64 {
    var word = key &+ (UInt64(customer) &+ 1) &* 0x9e37_79b9_7f4a_7c15
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }

  /// The weight of a customer.
  @inline(__always)
  func weight(of customer: UInt32) -> Int {
    let word = word(of: customer)
    return Self.thresholds.withUnsafeBufferPointer { thresholds in
      var count = 0
      while count < thresholds.count && word >= thresholds[count] { count += 1 }
      return count
    }
  }

  /// Writes the weights of the customers from one on, the same as ``weight(of:)`` gives one by one.
  func weights(from customer: Int, into weights: UnsafeMutableBufferPointer<UInt8>) {
    Self.thresholds.withUnsafeBufferPointer { thresholds in
      Self.leastWeights.withUnsafeBufferPointer { leastWeights in
        for place in weights.indices {
          let word = word(of: UInt32(customer + place))
          var count = Int(leastWeights[Int(word >> 56)])
          while count < thresholds.count && word >= thresholds[count] { count += 1 }
          weights[place] = UInt8(count)
        }
      }
    }
  }

  /// The sum of the weights of `count` customers whose single weights do not matter: one draw of
  /// Poisson(count), by the normal law where that is exact to a thousandth.
  func weight(ofMany count: Int) -> Double {
    guard count > 0 else { return 0 }
    var generator = SeededGenerator(seed: key, stream: UInt64(count))
    if count > 500 {
      let mean = Double(count)
      return max(0, (mean + mean.squareRoot() * generator.nextGaussian()).rounded())
    }
    // Knuth's product of uniform numbers, in steps that do not underflow.
    var (drawn, left) = (0.0, count)
    while left > 0 {
      let part = min(left, 100)
      left -= part
      let limit = exp(-Double(part))
      var product = generator.nextUnitDouble()
      while product > limit {
        drawn += 1
        product *= generator.nextUnitDouble()
      }
    }
    return drawn
  }
}
