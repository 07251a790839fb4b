internal import Foundation

/// A random number generator whose numbers depend on nothing but its seed and stream.
///
/// xoshiro256++ (Blackman and Vigna 2021, doi:10.1145/3460772), its state filled by SplitMix64.
/// Different streams of one seed are independent for every practical purpose, so that work split
/// over threads draws the same numbers whoever does it.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// Makes a generator.
  public init(seed: UInt64, stream: UInt64 = 0) {
    var mixer = seed ^ (stream &* 0xd134_2543_de82_ef95)
    func next() -> UInt64 {
      mixer &+= 0x9e37_79b9_7f4a_7c15
      var word = mixer
      word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
      return word ^ (word >> 31)
    }
    state = (next(), next(), next(), next())
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    let sum = state.0 &+ state.3
    let result = ((sum << 23) | (sum >> 41)) &+ state.0
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = (state.3 << 45) | (state.3 >> 19)
    return result
  }

  /// A number in [0, 1), a multiple of 2⁻⁵³.
  public mutating func nextUnitDouble() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number of the standard normal distribution (Box and Muller 1958).
  public mutating func nextGaussian() -> Double {
    let radius = (-2 * log(1 - nextUnitDouble())).squareRoot()
    return radius * cos(2 * .pi * nextUnitDouble())
  }

  /// A whole number in 0..<bound, without bias (Lemire 2019, doi:10.1145/3230636).
  public mutating func nextIndex(below bound: Int) -> Int {
    precondition(bound > 0, "no number lies in 0..<\(bound)")
    let width = UInt64(bound)
    var product = next().multipliedFullWidth(by: width)
    if product.low < width {
      let threshold = (0 &- width) % width
      while product.low < threshold { product = next().multipliedFullWidth(by: width) }
    }
    return Int(product.high)
  }
}
