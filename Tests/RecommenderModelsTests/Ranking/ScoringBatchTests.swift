internal import InteractionData
internal import RecommenderModels
internal import Testing

struct ScoringBatchTests {
  private struct Scorer256: Scorer {
    let batchLimit = 256
    func score(_ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>) {}
  }

  /// 256 customers of 16,384 items take 16 MiB exactly.
  @Test(arguments: [
    (0, 256), (24, 256), (16_384, 256), (16_385, 255), (4_194_304, 1), (4_194_305, 1),
  ])
  func scoresStayWithinTheLimit(itemCount: Int, size: Int) {
    #expect(ScoringBatch.byteLimit == 256 * 16_384 * 4)
    #expect(ScoringBatch.size(for: Scorer256(), itemCount: itemCount) == size)
  }
}
