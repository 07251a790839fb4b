internal import EventLog
internal import Testing

struct ImpressionTests {
  @Test func listsWinAndAnswersStandIn() throws {
    let fixture = try RecommendationFixture()
    try fixture.fill(1..<300)
    let store = try fixture.store()
    let answer = RecommendationFixture.record(263)
    #expect(answer.itemIDs.count == 7)
    var event = Event(
      eventID: "e", userID: answer.userID, itemID: answer.itemIDs[0], kind: .accepted,
      timeMilliseconds: 1, recommendationID: answer.recommendationID)
    #expect(try store.impressions(of: event) == .answered(answer.itemIDs))
    event.impressionItemIDs = ["item 9 ü"]
    #expect(try store.impressions(of: event) == .listed(["item 9 ü"]))
    event.impressionItemIDs = []
    // Somebody else's answer says nothing of what this customer saw.
    event.userID = "another"
    #expect(try store.impressions(of: event) == .unknown)
    event.userID = answer.userID
    for name in ["", "never was", String(repeating: "f", count: 32)] {
      event.recommendationID = name
      #expect(try store.impressions(of: event) == .unknown)
    }
  }
}
