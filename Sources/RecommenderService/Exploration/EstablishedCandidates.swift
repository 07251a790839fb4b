internal import LinearAlgebra

/// Picks the established products that a slate is chosen from: all of a small catalogue, of a large
/// one those that the model puts first.
struct EstablishedCandidates {
  /// The most items that are all candidates.
  static let catalogueLimit = 64

  private var indexes: [UInt32]

  init(itemCount: Int) {
    indexes = [UInt32](repeating: 0, count: min(itemCount, RankedLimit.capacity))
  }

  /// The candidates of a row of scores, best first; those that may not be offered are left out.
  ///
  /// - Parameters:
  ///   - scores: the scores, minus infinity where an item may not be offered. `[items]`
  ///   - count: the number of slots.
  /// - Returns: their indexes, valid until the next call.
  mutating func select(_ scores: UnsafeBufferPointer<Float>, count: Int) -> ArraySlice<UInt32> {
    let limit = min(
      indexes.count, max(Self.catalogueLimit, count + RankedLimit.alternatives))
    let found = indexes.withUnsafeMutableBufferPointer {
      TopK.select(scores, into: UnsafeMutableBufferPointer(rebasing: $0[..<limit]))
    }
    return indexes[..<found]
  }

  private enum RankedLimit {
    /// Products beyond the slots that keep a chance in the last one.
    static let alternatives = 2
    static let capacity = 502
  }
}
