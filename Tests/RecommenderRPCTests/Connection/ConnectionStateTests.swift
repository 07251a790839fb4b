internal import Testing

@testable internal import RecommenderRPC

@Suite struct ConnectionStateTests {
  private func opened() -> ServerConnectionState {
    var state = ServerConnectionState(limits: RPCLimits())
    let step = ProtocolVersion1.preface.withUnsafeBytes { state.receive($0) }
    #expect(step.event == .prefaceAccepted)
    #expect(step.consumed == 8)
    return state
  }

  @Test func headersKeepEveryField() {
    for value in [UInt32(0), 1, 0xFFFF, 0x10000, .max] {
      var header = FrameHeader(
        .streamData, payloadLength: 0, flags: 0xA5, method: UInt16(truncatingIfNeeded: value),
        requestID: value, word: ~value)
      header.payloadLength = value
      let bytes = GoldenFrames.headerBytes(header)
      #expect(bytes.withUnsafeBytes { FrameHeader(reading: $0) } == header)
    }
    var header = FrameHeader(.cancel, payloadLength: 0, method: 0x0201, requestID: 0x0605_0403)
    header.payloadLength = 0x0D0C_0B0A
    header.word = 0x1413_1211
    #expect(
      GoldenFrames.headerBytes(header)
        == [0x0A, 0x0B, 0x0C, 0x0D, 5, 0, 1, 2, 3, 4, 5, 6, 0x11, 0x12, 0x13, 0x14])
  }

  @Test func nothingIsConsumedUntilAFrameIsWhole() throws {
    var state = opened()
    let frame = try Frames.recommend("u", id: 3)
    for length in 0..<frame.count {
      let step = frame.prefix(length).withUnsafeBytes { state.receive($0) }
      #expect(step.event == .needMoreBytes)
      #expect(step.consumed == 0)
    }
    let step = frame.withUnsafeBytes { state.receive($0) }
    #expect(step.consumed == frame.count)
  }

  @Test func aFinishedSerialIsNeverFinishedAgain() {
    var state = opened()
    let header = FrameHeader(.request, payloadLength: 0, method: 3, requestID: 5)
    let first = state.begin(header, deadlineNanoseconds: nil)
    let result1 = state.finish(requestID: 5, serial: first)
    #expect(result1?.method == 3)
    let second = state.begin(header, deadlineNanoseconds: 9)
    let result2 = state.finish(requestID: 5, serial: first)
    #expect(result2 == nil)
    let result3 = state.finish(requestID: 5, serial: second)
    #expect(result3?.deadlineNanoseconds == 9)
    let result4 = state.finish(requestID: 5, serial: second)
    #expect(result4 == nil)
  }

  private func response(_ id: UInt32) -> [UInt8] {
    Frames.make(FrameHeader(.response, payloadLength: 0, method: 1, requestID: id))
  }

  private func openedClient() -> ClientConnectionState {
    var state = ClientConnectionState(limits: RPCLimits())
    _ = ProtocolVersion1.preface.withUnsafeBytes { state.receive($0) }
    return state
  }

  @Test func identifiersWrapAroundPastZeroAndThoseInUse() {
    var state = openedClient()
    let result5 = state.openRequest()
    #expect(result5 == 1)
    state.setLastRequestID(.max - 1)
    let result6 = state.openRequest()
    #expect(result6 == .max)
    let result7 = state.openRequest()
    #expect(result7 == 2)
  }

  @Test func anAbandonedRequestStillTakesItsAnswer() {
    var state = openedClient()
    let id = state.openRequest()
    let result8 = state.abandon(id)
    #expect(result8)
    let result9 = state.abandon(id)
    #expect(!result9)
    #expect(state.unansweredCount == 1)
    let answered = response(id).withUnsafeBytes { state.receive($0).event }
    #expect(answered == .abandonedResponse)
    let again = response(id).withUnsafeBytes { state.receive($0).event }
    #expect(again == .violation(.responseToUnknownRequest(id)))
    #expect(state.isClosed)
  }

  @Test func framesOfTheWrongSideAreRefusedByTheClient() {
    for type in [FrameType.request, .streamData, .endOfStream, .cancel, .credit] {
      var state = openedClient()
      let frame = Frames.make(FrameHeader(type, payloadLength: 0, requestID: 1))
      let event = frame.withUnsafeBytes { state.receive($0).event }
      #expect(event == .violation(.unexpectedFrameType(type)))
    }
  }
}
