internal import CRecommenderMessages
internal import NIOCore
internal import Testing

@testable internal import RecommenderRPC

@Suite struct CodecTests {
  /// Bytes and whether they are valid text without NUL; the edges of every row of table 3-7 of the
  /// Unicode Standard.
  static let texts: [([UInt8], Bool)] = [
    ([], true), ([0x61], true), ([0x00], false), ([0x7F], true), ([0x80], false),
    ([0xC1, 0xBF], false), ([0xC2, 0x80], true), ([0xDF, 0xBF], true), ([0xC2], false),
    ([0xE0, 0x9F, 0xBF], false), ([0xE0, 0xA0, 0x80], true), ([0xED, 0x9F, 0xBF], true),
    ([0xED, 0xA0, 0x80], false), ([0xEF, 0xBF, 0xBF], true), ([0xE1, 0x80], false),
    ([0xF0, 0x8F, 0xBF, 0xBF], false), ([0xF0, 0x90, 0x80, 0x80], true),
    ([0xF4, 0x8F, 0xBF, 0xBF], true), ([0xF4, 0x90, 0x80, 0x80], false),
    ([0xF5, 0x80, 0x80, 0x80], false), ([0xFF], false), ([0xF1, 0x80, 0x80], false),
  ]

  @Test func textIsCheckedAtEveryAlignment() {
    for (bytes, isValid) in Self.texts {
      for before in 0..<10 {
        for after in [0, 1, 8] {
          let padded =
            [UInt8](repeating: 0x61, count: before) + bytes
            + [UInt8](repeating: 0x7A, count: after)
          #expect(
            teller_text_is_valid(padded, padded.count) == isValid, "\(padded)")
        }
      }
    }
  }

  @Test func textAgreesWithSwiftOnRandomBytes() {
    var random = SplitMix64(seed: 5)
    let alphabet: [UInt8] = [0x61, 0x80, 0xBF, 0xC3, 0xE2, 0xED, 0xF0, 0xF4, 0x9F, 0xA0]
    for _ in 0..<20_000 {
      let bytes = (0..<(1 + random.next(below: 12))).map { _ in
        alphabet[random.next(below: alphabet.count)]
      }
      let isValid = String(validating: bytes, as: UTF8.self) != nil
      #expect(teller_text_is_valid(bytes, bytes.count) == isValid, "\(bytes)")
    }
  }

  /// The encoder written by hand against protobuf-c's, on random answers.
  @Test func rankedItemsArePackedAsProtobufPacksThem() throws {
    var random = SplitMix64(seed: 17)
    let ids = (0..<20_000).map { "item-\($0)" + String(repeating: "x", count: $0 % 240) }
    let catalogue = try AnswerCatalogue(items: ItemIDTable(ids), modelVersion: "m-1")
    for round in 0..<200 {
      var answer = RankedItemsAnswer()
      answer.catalogue = catalogue
      answer.source = RecommendationSource.allCases[random.next(below: 4)]
      for _ in 0..<random.next(below: round % 2 == 0 ? 9 : 501) {
        answer.append(
          itemIndex: UInt32(random.next(below: ids.count)),
          score: Float(bitPattern: UInt32(truncatingIfNeeded: random.next()) & 0x7F7F_FFFF))
      }
      if random.next(below: 2) == 0 { answer.setRecommendationID(high: 1, low: random.next()) }
      answer.hasSoftmaxScores = random.next(below: 2) == 0
      for place in 0..<answer.count { answer.softmaxScores[place] = 1 / Float(place + 2) }
      let indexesOnly = random.next(below: 2) == 0
      var buffer = ByteBuffer()
      try RankedItemsCodec.write(
        answer, answering: FrameHeader(.request, payloadLength: 0, method: 1, requestID: 1),
        wanted: 500, withoutItemIDs: indexesOnly, withRecommendationID: true,
        maxFrameBytes: 1 << 20, into: &buffer)
      let frame = try #require(Frames.split(Array(buffer.readableBytesView)).first)
      #expect(try repack(frame.payload) == frame.payload, "round \(round)")
      let items = try Frames.ranked(frame)
      #expect(items.itemIndexes == Array(answer.itemIndexes.prefix(answer.count)))
      #expect(items.scores == Array(answer.scores.prefix(answer.count)))
      #expect(
        items.softmaxScores
          == (answer.hasSoftmaxScores ? Array(answer.softmaxScores.prefix(answer.count)) : []))
      #expect(items.itemIDs == (indexesOnly ? [] : items.itemIndexes.map { ids[Int($0)] }))
    }
  }

  private func repack(_ payload: [UInt8]) throws -> [UInt8] {
    let arena = MessageArena()
    return try payload.withUnsafeBytes { bytes in
      let message = try arena.unpack(
        Teller__V1__RecommendResponse.self, TELLER_RECOMMEND_RESPONSE, bytes)
      var output = [UInt8](
        repeating: 0, count: teller__v1__recommend_response__get_packed_size(message))
      teller__v1__recommend_response__pack(message, &output)
      return output
    }
  }

  @Test func answersOfAServiceAreChecked() throws {
    func write(_ answer: borrowing RankedItemsAnswer, wanted: Int, max: Int = 1 << 20)
      -> StatusCode
    {
      var buffer = ByteBuffer()
      do throws(RPCError) {
        try RankedItemsCodec.write(
          answer, answering: FrameHeader(.request, payloadLength: 0), wanted: wanted,
          withoutItemIDs: false, withRecommendationID: true, maxFrameBytes: max, into: &buffer)
        return .ok
      } catch { return error.code }
    }
    var answer = RankedItemsAnswer()
    #expect(write(answer, wanted: 1) == .internalError)
    answer.catalogue = try AnswerCatalogue(items: ItemIDTable(["a", "b"]), modelVersion: "m")
    answer.append(itemIndex: 1, score: 1)
    #expect(write(answer, wanted: 1) == .ok)
    #expect(write(answer, wanted: 1, max: 10) == .resourceExhausted)
    answer.append(itemIndex: 2, score: 1)
    #expect(write(answer, wanted: 1) == .internalError)
    #expect(write(answer, wanted: 2) == .internalError)
  }

  @Test func identifiersOfTheCatalogueAreChecked() throws {
    #expect(throws: RPCError.self) { try ItemIDTable(["a", ""]) }
    #expect(throws: RPCError.self) { try ItemIDTable([String(repeating: "x", count: 257)]) }
    #expect(throws: RPCError.self) { try ItemIDTable(["a\0b"]) }
    let table = try ItemIDTable(["", String(repeating: "x", count: 256)].filter { !$0.isEmpty })
    #expect(table.itemID(0).count == 256)
  }

  @Test func arenaGrowsOnceAndRefusesBeyondItsLimit() {
    let arena = MessageArena(capacity: 64, capacityMax: 1024)
    #expect(teller_arena_allocate(arena.pointer, 200) != nil)
    #expect(arena.fallbackAllocations == 1)
    arena.reset()
    #expect(arena.fallbackAllocations == 2)
    #expect(teller_arena_allocate(arena.pointer, 200) != nil)
    #expect(arena.fallbackAllocations == 2)
    #expect(teller_arena_allocate(arena.pointer, 1025) == nil)
    #expect(teller_arena_allocate(arena.pointer, 816) != nil)
    #expect(teller_arena_allocate(arena.pointer, 1) == nil)
    #expect(Int(bitPattern: teller_arena_allocate(arena.pointer, 0)) % 16 == 0)
  }

  @Test func aLargeCatalogueComesInPagesThatCoverIt() throws {
    let ids = (0..<5000).map { "item-\($0)-" + String(repeating: "y", count: 200) }
    let answer = DescribeAnswer(
      serverVersion: "", itemIDs: ids, itemNames: [], models: [], customers: 0)
    var first = 0
    var pages = 0
    while first < ids.count {
      let page = try DescribeCodec.page(answer, first: first)
      #expect(page.lowerBound == first && !page.isEmpty)
      first = page.upperBound
      pages += 1
    }
    #expect(pages > 2)
    #expect(try DescribeCodec.page(answer, first: 5000).isEmpty)
    #expect(throws: RPCError.self) { try DescribeCodec.page(answer, first: 5001) }
  }
}
