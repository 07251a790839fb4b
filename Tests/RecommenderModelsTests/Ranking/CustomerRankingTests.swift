internal import InteractionData
internal import RecommenderModels
internal import TestSupport
internal import Testing

struct CustomerRankingTests {
  /// Scores item `i` of every customer as `i`.
  private struct IndexScorer: Scorer {
    let itemCount: Int
    let batchLimit: Int

    func score(_ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>) {
      for index in 0..<scores.count { scores[index] = Float(index % itemCount) }
    }
  }

  @Test(arguments: [1, 2, 7], [1, 4])
  func heldItemsAreLeftOut(batchLimit: Int, threadCount: Int) {
    let dataset = DatasetFixture.panel(
      itemCount: 4, customers: [[0b1000], [0b0000], [0b1111], [0b0110], [0b1000, 0b0001]])
    let ranking = CustomerRanking(
      dataset: dataset, scorer: IndexScorer(itemCount: 4, batchLimit: batchLimit))
    let lists = ranking.topItems(
      customers: [4, 0, 1, 2, 3], count: 3, threadCount: threadCount)
    // The last month counts: what customer 4 gave up may be offered again.
    #expect(Array(lists[0]) == [3, 2, 1])
    #expect(Array(lists[1]) == [2, 1, 0])
    #expect(Array(lists[2]) == [3, 2, 1])
    #expect(Array(lists[3]) == [])
    #expect(Array(lists[4]) == [3, 0])
  }

  @Test func withoutAPanelWhatWasHadIsLeftOut() {
    let dataset = DatasetFixture.interactions(itemCount: 3, customers: [[2, 0], []])
    let ranking = CustomerRanking(
      dataset: dataset, scorer: IndexScorer(itemCount: 3, batchLimit: 2))
    let lists = ranking.topItems(customers: [0, 1], count: 3, threadCount: 1)
    #expect(Array(lists[0]) == [1])
    #expect(Array(lists[1]) == [2, 1, 0])
  }
}
