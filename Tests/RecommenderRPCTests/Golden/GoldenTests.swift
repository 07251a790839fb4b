internal import Foundation
internal import Testing

@testable internal import RecommenderRPC

@Suite struct GoldenTests {
  /// `TELLER_WRITE_GOLDEN=1 swift test --filter GoldenTests` writes the files anew; look at the
  /// difference before committing it.
  static let writes = ProcessInfo.processInfo.environment["TELLER_WRITE_GOLDEN"] == "1"

  @Test func goodFramesEncodeToTheirBytesAndDecodeToTheirText() throws {
    for (name, bytes) in try GoldenFrames.good() {
      let frame = try #require(Frames.split(bytes).first, "\(name) is no frame")
      let text = try GoldenText.describe(frame)
      let textFile = GoldenFrames.folder.appendingPathComponent("\(name).txt")
      if Self.writes {
        try write(GoldenFrames.hex(bytes), "\(name).hex")
        try write(text, "\(name).txt")
      }
      #expect(try GoldenFrames.read(name) == bytes, "\(name)")
      let stored = try #require(Frames.split(try GoldenFrames.read(name)).first, "\(name)")
      #expect(
        try GoldenText.describe(stored) == String(contentsOf: textFile, encoding: .utf8),
        "\(name)")
    }
  }

  @Test func badFramesAreKeptAsTheyAre() throws {
    let meanings = [
      "bad_truncated": "closed inside a frame: the server sends nothing",
      "bad_too_long": "GO_AWAY RESOURCE_EXHAUSTED, then close",
      "bad_unknown_type": "GO_AWAY INVALID_ARGUMENT, then close",
      "bad_utf8": "RESPONSE INVALID_ARGUMENT",
      "bad_nul": "RESPONSE INVALID_ARGUMENT",
      "bad_unknown_method": "RESPONSE UNIMPLEMENTED",
      "bad_count_zero": "RESPONSE INVALID_ARGUMENT",
      "bad_payload": "RESPONSE INVALID_ARGUMENT",
    ]
    for (name, bytes) in try GoldenFrames.bad() {
      let meaning = try #require(meanings[name])
      if Self.writes {
        try write(GoldenFrames.hex(bytes), "\(name).hex")
        try write("expected=\(meaning)\n", "\(name).txt")
      }
      #expect(try GoldenFrames.read(name) == bytes, "\(name)")
      let server = try EmbeddedServer()
      try server.send(try GoldenFrames.read(name))
      let answers = try server.receive()
      let got =
        answers.first.map { frame in
          frame.header.type == FrameType.goAway.rawValue
            ? "GO_AWAY \(frame.status.name), then close" : "RESPONSE \(frame.status.name)"
        } ?? "closed inside a frame: the server sends nothing"
      #expect(got == meaning, "\(name)")
      #expect(answers.count <= 1, "\(name)")
    }
  }

  private func write(_ text: String, _ name: String) throws {
    try text.write(
      to: GoldenFrames.folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
  }
}
