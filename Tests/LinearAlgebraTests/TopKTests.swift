import Testing

@testable import LinearAlgebra

struct TopKTests {
  /// By sorting all of them.
  private func expected(_ scores: [Float], _ limit: Int) -> [UInt32] {
    let picked = scores.indices.filter { scores[$0] > -.infinity }
    let sorted = picked.sorted { (scores[$0], -$0) > (scores[$1], -$1) }
    return sorted.prefix(limit).map { UInt32($0) }
  }

  private func selected(_ scores: [Float], _ limit: Int) -> [UInt32] {
    var indexes = [UInt32](repeating: 99, count: limit)
    let count = scores.withUnsafeBufferPointer { scores in
      indexes.withUnsafeMutableBufferPointer { TopK.select(scores, into: $0) }
    }
    // What lies behind is not touched.
    #expect(indexes[count...].allSatisfy { $0 == 99 })
    return Array(indexes[..<count])
  }

  @Test func byHand() {
    #expect(selected([1, 3, 2], 2) == [1, 2])
    #expect(selected([1, 1, 1], 2) == [0, 1])
    #expect(selected([-.infinity, .nan, -5], 3) == [2])
    #expect(selected([.infinity, 0, -.infinity, .infinity], 4) == [0, 3, 1])
    #expect(selected([0, -0, 0], 3) == [0, 1, 2])
    #expect(selected([], 3).isEmpty && selected([1], 0).isEmpty)
  }

  /// Every number of scores on both sides of 64, with ties, masked scores and scores that are none.
  @Test(arguments: [1, 2, 3] as [UInt64]) func asSortingDoes(seed: UInt64) {
    var noise = Noise(seed)
    for count in 0...130 {
      let scores = (0..<count).map { _ -> Float in
        switch noise.next() {
        case ..<(-0.8): -.infinity
        case ..<(-0.6): .nan
        case ..<0: noise.next(4).rounded()
        default: noise.next()
        }
      }
      for limit in [1, 7, 24, 200] {
        #expect(selected(scores, limit) == expected(scores, limit), "seed \(seed), \(count)")
      }
    }
  }
}
