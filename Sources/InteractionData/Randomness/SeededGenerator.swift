internal import Foundation

/// A small random generator whose bits depend on its seed alone, on every machine.
///
/// The numbers are those of xoshiro256** (Blackman and Vigna, 2018, https://prng.di.unimi.it), its
/// state filled by SplitMix64 as its authors advise. Streams of one seed are independent of each
/// other, so that each customer can have its own, whatever thread draws from it.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// Makes the generator of a stream of a seed.
  public init(seed: UInt64, stream: UInt64 = 0) {
    var mixer = seed
    // The stream passes through the mixer too, or close streams would start close together.
    mixer = Self.splitMix(&mixer) ^ (stream &* 0xd1b5_4a32_d192_ed03)
    state = (
      Self.splitMix(&mixer), Self.splitMix(&mixer), Self.splitMix(&mixer), Self.splitMix(&mixer)
    )
  }

  private static func splitMix(_ state: inout UInt64) -> UInt64 {
    state = state &+ 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    let product = state.1 &* 5
    let result = (product << 7 | product >> 57) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = state.3 << 45 | state.3 >> 19
    return result
  }

  /// A number of [0, 1), all multiples of 2⁻⁵³ equally likely.
  public mutating func nextUnitDouble() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number of the standard normal distribution, by the method of Box and Muller; its last bits
  /// are those of the machine's mathematics library.
  public mutating func nextGaussian() -> Double {
    // 1 - u is never 0, whose logarithm is not finite.
    let radius = (-2 * log(1 - nextUnitDouble())).squareRoot()
    return radius * cos(2 * Double.pi * nextUnitDouble())
  }
}
