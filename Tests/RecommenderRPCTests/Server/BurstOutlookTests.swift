internal import NIOCore
internal import NIOEmbedded
internal import Testing

@testable internal import RecommenderRPC

struct BurstOutlookTests {
  /// A frame whose message begins with a customer, as encoders write it.
  private func frame(
    _ user: String, method: MethodNumber = .recommend, type: FrameType = .request,
    flags: UInt8 = 0, first: UInt8 = 0x0A, length: Int? = nil
  ) -> [UInt8] {
    let message = [first, UInt8(length ?? user.utf8.count)] + user.utf8 + [0x10, 3]
    var buffer = ByteBuffer()
    message.withUnsafeBytes {
      buffer.writeFrame(
        FrameHeader(
          type, payloadLength: message.count, flags: flags, method: method.rawValue, requestID: 1),
        payload: $0)
    }
    return Array(buffer.readableBytesView)
  }

  /// What the methods are told of bytes, and how far it looked.
  private func look(_ bytes: [UInt8]) throws -> (told: [[String]], distance: Int) {
    let methods = try EchoMethods()
    let outlook = BurstOutlook()
    defer { outlook.deallocate() }
    let distance = bytes.withUnsafeBytes { outlook.look(ahead: $0, for: methods) }
    return (methods.anticipated, distance)
  }

  @Test func tellsOfTheCustomersOfABurst() throws {
    let bytes = frame("a") + frame("bb") + frame("")
    let (told, distance) = try look(bytes)
    #expect(told == [["a", "bb", ""]] && distance == bytes.count)
  }

  /// One customer alone is looked up soon enough.
  @Test func saysNothingOfOne() throws {
    #expect(try look(frame("a")) == ([], frame("a").count))
    #expect(try look([]) == ([], 0))
  }

  @Test func passesOverWhatItDoesNotUnderstand() throws {
    let others =
      frame("x", method: .similarItems) + frame("x", type: .credit) + frame("x", flags: 2)
      + frame("x", first: 0x12) + frame("x", length: 0x80) + frame("x", length: 4)
    let bytes = frame("a") + others + frame("b")
    let (told, distance) = try look(bytes)
    #expect(told == [["a", "b"]] && distance == bytes.count)
  }

  /// Cut anywhere: whole frames only, and never behind the end.
  @Test func looksAtWholeFramesOnly() throws {
    let frames = [frame("a"), frame("bb"), frame("ccc")]
    let bytes = frames.flatMap { $0 }
    for cut in 0...bytes.count {
      let (told, distance) = try look(Array(bytes[..<cut]))
      var whole = 0
      var end = 0
      while whole < 3, end + frames[whole].count <= cut {
        end += frames[whole].count
        whole += 1
      }
      #expect(distance == end)
      #expect(told == (whole > 1 ? [Array(["a", "bb", "ccc"][..<whole])] : []))
    }
    let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 1, count: 40)
    #expect(try look(huge) == ([], 0))
  }

  @Test func tellsOfNoMoreThanTheLimit() throws {
    let limit = BurstOutlook.customerLimit
    let one = frame("a")
    for count in [limit, limit + 1] {
      let (told, distance) = try look(Array(repeating: one, count: count).flatMap { $0 })
      #expect(told.map(\.count) == [limit] && distance == limit * one.count)
    }
  }

  /// Through a connection: told before the first answer of the burst, all answered all the same.
  @Test func aBurstIsAnsweredAsEver() throws {
    let server = try EmbeddedServer()
    let users = (0..<70).map { "customer \($0)" }
    server.methods.onRecommend = { [methods = server.methods] in
      #expect(methods.anticipated.joined().count >= methods.calls)
    }
    try server.channel.writeInbound(ByteBuffer(bytes: users.flatMap { frame($0) }))
    #expect(server.methods.calls == users.count)
    #expect(Array(server.methods.anticipated.joined()) == users)
  }
}
