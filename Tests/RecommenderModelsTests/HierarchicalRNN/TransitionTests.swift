import Foundation
import InteractionData
import TensorFiles
import Testing

@testable import RecommenderModels

@Suite struct TransitionTests {
  private func row(_ table: TransitionTable, _ item: UInt32) -> [UInt32: Float] {
    Dictionary(
      uniqueKeysWithValues: table.row(of: item).map {
        (table.items.buffer[$0], table.shares.buffer[$0])
      })
  }

  private func mixture(_ weights: [Float]) -> TransitionMixture {
    var mixture = TransitionMixture(
      TransitionCounter([[0, 1, 2], [0, 1], [3, 0]], itemCount: 5), threadCount: 1)
    mixture.weights = weights
    return mixture
  }

  @Test func countsByHand() {
    let counter = TransitionCounter([[0, 1, 2], [0, 1], [3, 0]], itemCount: 5)
    let forward = counter.table(.forward, threadCount: 2)
    // After 0: 1 twice next, 2 once at distance two.
    #expect(row(forward, 0) == ([1: 2 / 12.5, 2: 0.5 / 12.5] as [UInt32: Float]))
    #expect(row(forward, 1) == [2: 1 / Float(11)])
    #expect(row(forward, 3) == [0: 1 / Float(11)])
    #expect(row(forward, 2).isEmpty && row(forward, 4).isEmpty)
    let backward = counter.table(.backward, threadCount: 1)
    #expect(row(backward, 2) == ([1: 1 / 11.5, 0: 0.5 / 11.5] as [UInt32: Float]))
    #expect(row(backward, 0) == [3: 1 / Float(11)])
    #expect(abs(forward.mass(of: 0) - 0.2) < 1e-6 && forward.mass(of: 4) == 0)
    #expect(
      abs(forward.share(of: 2, after: 0) - 0.04) < 1e-6 && forward.share(of: 0, after: 0) == 0)
  }

  /// A pair at the window's edge counts, one past it does not.
  @Test func theWindowEndsWhereItSays() {
    let items = (0...UInt32(TransitionCounter.window + 1)).map { $0 }
    let table = TransitionCounter([items], itemCount: items.count)
      .table(.forward, threadCount: 1)
    #expect(table.share(of: UInt32(TransitionCounter.window), after: 0) > 0)
    #expect(table.share(of: UInt32(TransitionCounter.window + 1), after: 0) == 0)
  }

  @Test func rowsHoldTheirLimitAndNoMore() {
    let limit = TransitionTable.rowLimit
    for count in [limit, limit + 1] {
      let sequences = (1...count).map { [0, UInt32($0)] } + [[0, UInt32(count)]]
      let table = TransitionCounter(sequences, itemCount: count + 1)
        .table(.forward, threadCount: 1)
      #expect(table.row(of: 0).count == limit)
      #expect(table.items.buffer[0] == UInt32(count))
      // What does not fit the row is not known.
      let known = limit + 1
      #expect(abs(table.mass(of: 0) - Float(known) / Float(count + 1 + 10)) < 1e-5)
    }
  }

  @Test func mixesByHand() {
    let mixture = mixture([0.4, 0.1, 0.2, 0.1, 0.1, 0.1])
    var scores = [Float](repeating: 0.2, count: 5)
    // 1 is newest: forward 1 of 11 for item 2, backward 2 of 12 for item 0. Then 0: forward 2 of
    // 12.5 for item 1 and .5 for item 2, backward 1 of 11 for item 3.
    scores.withUnsafeMutableBufferPointer {
      guard let base = $0.baseAddress else { return }
      mixture.apply(to: base, itemCount: 5, recent: [1, 0])
    }
    let gains: [Float] = [
      0.1 * 2 / 12 + 0.1 / 1.5 * 2 / 12, 0.2 * 0.5 / 1.5 * 2 / 12.5,
      0.1 / 11 + 0.2 / 1.5 / 11 + 0.2 * 0.5 / 1.5 * 0.5 / 12.5, 0.1 * 0.5 / 1.5 / 11, 0,
    ]
    let again: [Float] = [0.1 * 0.5 / 1.5, 0.1 / 1.5, 0, 0, 0]
    let rest = 1 - gains.reduce(0, +) - 0.1
    for item in 0..<5 {
      #expect(abs(scores[item] - 0.2 * rest - gains[item] - again[item]) < 1e-6)
    }
    #expect(abs(scores.reduce(0, +) - 1) < 1e-6)
    for item in 0..<5 as Range<UInt32> {
      let opinions = mixture.opinions(of: item, network: 0.2, recent: [1, 0])
      let mixed = zip(mixture.weights, opinions).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      #expect(abs(mixed - scores[Int(item)]) < 1e-6)
    }
  }

  @Test func withoutAnOpinionTheNetworkSpeaks() {
    let mixture = mixture([0.2, 0.2, 0.2, 0.2, 0.2, 0])
    var scores: [Float] = [0.1, 0.2, 0.3, 0.4, 0]
    let before = scores
    scores.withUnsafeMutableBufferPointer {
      guard let base = $0.baseAddress else { return }
      mixture.apply(to: base, itemCount: 5, recent: [4])
      mixture.apply(to: base, itemCount: 5, recent: [])
    }
    #expect(scores == before)
  }

  /// Of experts that are right at known rates, the likeliest weights are found.
  @Test func fitsTheExpertThatIsRight() {
    var mixture = mixture(TransitionMixture.defaultWeights)
    mixture.fit(
      (0..<4000).map { [$0 % 4 == 0 ? 0.9 : 0.001, $0 % 4 == 0 ? 0.001 : 0.9, 0, 0, 0, 0] })
    // .25 and .75 are the likeliest; the emphasis makes it .25 to 3.
    #expect(abs(mixture.weights[1] - 3 / 3.25) < 0.01, "\(mixture.weights)")
    #expect(abs(mixture.weights.reduce(0, +) - 1) < 1e-5)
    mixture.fit([])
    let expected: [Float] = [0.2, 0.16, 0.32, 0.16, 0.128, 0.032]
    for (weight, expected) in zip(mixture.weights, expected) {
      #expect(abs(weight - expected) < 1e-5, "nothing to fit on")
    }
  }

  @Test func damagedTransitionsAreRefused() throws {
    func file(_ items: [UInt32], _ offsets: [UInt32]) throws -> String {
      let path = FileManager.default.temporaryDirectory
        .appendingPathComponent("transitions-\(UUID().uuidString).safetensors").path
      var writer = SafetensorsWriter()
      writer.add("t.offsets", Column(offsets))
      writer.add("t.items", Column(items))
      writer.add("t.shares", Column([Float](repeating: 0.5, count: items.count)))
      try writer.write(to: path)
      return path
    }
    for (items, offsets, isGood) in [
      ([1, 0], [0, 1, 2], true), ([1, 2], [0, 1, 2], false), ([1, 0], [0, 3, 2], false),
    ] as [([UInt32], [UInt32], Bool)] {
      let path = try file(items, offsets)
      defer { try? FileManager.default.removeItem(atPath: path) }
      let table = try? TransitionTable(
        file: SafetensorsFile(path: path), name: "t", itemCount: 2)
      #expect((table != nil) == isGood)
    }
  }
}
