internal import Foundation

@testable internal import EventLog

/// Stored blocks of answers.
enum StoredBlocks {
  private static let catalogue = RecommendationCatalogue(
    modelVersion: "hrnn-0001", itemIDs: ["a", "b", "c"],
    experiment: RecordedExperiment(name: "e", arms: ["x", "y"]))

  /// Reads a block as the record is read: what it is found by, and every answer.
  static func read(_ bytes: UnsafeRawBufferPointer) {
    guard let block = RecommendationBlock(payload: Data(bytes)) else { return }
    let index = block.index()
    var count = 0
    let isWhole = block.forEach { reader in
      count += 1
      let record = reader.record(instance: block.instance, catalogue: catalogue)
      precondition(record.itemIDs.count == record.scores.count, "products without a score")
      _ = try? RecommendationJSONLines().line(record)
    }
    precondition((index != nil) == (isWhole && count > 0), "the index and the answers disagree")
    if let index {
      precondition(index.userHashes.count == 4 * count, "customers without a hash")
      _ = index.userHashes.withUnsafeBytes { RecommendationBlock.mayHold(1, in: $0) }
    }
  }

  /// Blocks of each version with an answer or two.
  static var seeds: [[UInt8]] {
    guard let content = try? catalogue.content() else { return [] }
    let hash = RecommendationCatalogue.hash(of: content)
    func header(version: UInt8) -> [UInt8] {
      var bytes = [UInt8](
        RecommendationBlock.header(
          instance: 7, droppedCount: 0, catalogueHashes: [(0, hash)], recordByteCount: 0))
      bytes[0] = version
      return bytes
    }
    return [
      header(version: 3) + packed(explores: false) + packed(explores: true),
      header(version: 2) + fixed, header(version: 1) + fixed,
    ]
  }

  private static func packed(explores: Bool) -> [UInt8] {
    let user = Array("customer-1".utf8)
    let items: [UInt32] = [2, 0]
    let menu = [
      AnsweredChoice(itemIndex: 0, propensity: 0.75, matchingProbability: .nan, score: 1),
      AnsweredChoice(itemIndex: 1, propensity: 0.25, matchingProbability: 0.2, score: 0.5),
    ]
    return user.withUnsafeBytes { user in
      items.withUnsafeBufferPointer { items in
        [Float(0.5), 0.25].withUnsafeBufferPointer { scores in
          [Float(1), 0.75].withUnsafeBufferPointer { propensities in
            menu.withUnsafeBufferPointer { menu in
              var answer = AnsweredRecommendation(
                number: 5, timeMilliseconds: 1_767_225_600_000, source: 1, candidateCount: 3,
                userID: user, itemIndexes: items, scores: scores,
                propensities: explores ? propensities : UnsafeBufferPointer(start: nil, count: 0),
                excludedItemIndexes: UnsafeBufferPointer(rebasing: items.prefix(explores ? 1 : 0)),
                explored: false, explorationWeight: explores ? 0.3 : 0)
              if explores {
                answer.menu = menu
                answer.rules = ["held"]
                answer.arm = 1
              }
              let layout = RecordLayout(answer)
              var bytes = [UInt8](repeating: 0, count: layout.byteCount)
              bytes.withUnsafeMutableBytes { layout.write(answer, to: $0) }
              return bytes
            }
          }
        }
      }
    }
  }

  /// One answer of one product, every number in its place.
  private static let fixed: [UInt8] = {
    var bytes = [UInt8](repeating: 0, count: 64)
    bytes[0] = 64
    bytes[8] = 5
    bytes[16] = 9
    bytes[28] = 3
    bytes[32] = 1
    bytes[36] = 10
    return bytes
  }()
}
