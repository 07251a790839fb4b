internal import InteractionData
internal import TensorFiles
internal import TestSupport
internal import Testing

struct SplitTests {
  @Test func truncationKeepsRowsUpToTheMonth() throws {
    let dataset = DatasetFixture.panel(
      itemCount: 3, customers: [[0b001, 0b011, 0b010], [nil, nil, 0b100], [0b000, nil, 0b111]])
    let cut = dataset.truncated(through: Month(year: 2015, month: 2))
    let panel = try #require(cut.panel)
    #expect(panel.monthCount == 2)
    #expect(panel.offsets.array == [0, 2, 2, 3])
    #expect(panel.held.array == [0b001, 0b011, 0b000])
    #expect(cut.customers.count == 3)
    // Opening stock of customer 0 and its acquisition of item 1 are left.
    #expect(cut.interactions.itemIndexes.array == [0, 1])
    #expect(cut.interactions.offsets.array == [0, 2, 2, 2])
    #expect(cut.lastMonth == Month(year: 2015, month: 2))
  }

  @Test func truncationBeforeTheStartLeavesNothing() {
    let dataset = DatasetFixture.panel(itemCount: 1, customers: [[1, 1]])
    let cut = dataset.truncated(through: Month(year: 2014, month: 12))
    #expect(cut.panel?.monthCount == 0)
    #expect(cut.interactions.count == 0)
  }

  @Test func leaveLastOutTakesTheNewest() {
    let dataset = DatasetFixture.interactions(itemCount: 4, customers: [[0, 1, 2], [3], []])
    let (remaining, heldOut) = dataset.leavingLastOut()
    #expect(heldOut == [2, nil, nil])
    #expect(remaining.interactions.itemIndexes.array == [0, 1, 3])
    #expect(remaining.interactions.offsets.array == [0, 2, 3, 3])
  }
}
