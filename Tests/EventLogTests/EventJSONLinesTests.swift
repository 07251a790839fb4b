internal import EventLog
internal import Testing

struct EventJSONLinesTests {
  @Test func aLineNamesWhatIsThere() throws {
    let lines = EventJSONLines()
    let plain = Event(eventID: "", userID: "u/1", itemID: "i", kind: .shown, timeMilliseconds: 5)
    #expect(
      String(decoding: try lines.line(plain, sequence: 3), as: UTF8.self)
        == #"{"item_id":"i","sequence":3,"time_ms":5,"type":"shown","user_id":"u/1"}"# + "\n")
    #expect(
      String(
        decoding: try lines.line(EventStoreConformance.event(3), sequence: 4), as: UTF8.self)
        == #"{"channel":"branch","event_id":"e3","impression_item_ids":["a\nb","\"ü\""],"#
        + #""item_id":"i3","recommendation_id":"r","sequence":4,"session_id":"s","time_ms":3,"#
        + #""type":"accepted","user_id":"u3"}"# + "\n")
  }
}
