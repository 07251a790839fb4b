internal import Foundation
internal import GRDB
internal import TestSupport

@testable internal import EventLog

/// Answers whose every field follows from their number, and a log to record them in.
struct RecommendationFixture {
  static let instance: UInt64 = 0xFEDC_BA98_7654_3210
  static let catalogue = RecommendationCatalogue(
    modelVersion: "hrnn-0001", itemIDs: (0..<500).map { "item \($0) ü" },
    experiment: RecordedExperiment(name: "less", arms: ["as-ever", "less"]))

  let folder: TemporaryFolder
  var path: String { folder.file("recommendations.sqlite") }

  init() throws { folder = try TemporaryFolder() }

  func store() throws -> SQLiteRecommendationStore { try SQLiteRecommendationStore(path: path) }

  func recorder(
    _ store: SQLiteRecommendationStore, byteLimit: Int = .max,
    report: @escaping @Sendable (EventLogError) -> Void = { _ in }
  ) -> RecommendationRecorder {
    RecommendationRecorder(
      store: store, instance: Self.instance,
      retention: RecommendationRetention(milliseconds: 1_000_000, byteLimit: byteLimit),
      nowMilliseconds: { 1_000_000 }, report: report)
  }

  /// What answer `number` is; every fifth explores, every seventh has exclusions and rules, every
  /// third belongs to an arm.
  static func record(_ number: UInt64, count: Int? = nil) -> RecommendationRecord {
    let count = count ?? Int(number % 8)
    let indexes = (0..<count).map { UInt32((Int(number) + $0) % 500) }
    let explores = number.isMultiple(of: 5)
    let arm = number.isMultiple(of: 3) ? catalogue.experiment?.arms[Int(number % 2)] : nil
    return RecommendationRecord(
      recommendationID: RecommendationName(high: instance, low: number).text,
      userID: "customer \(number % 11)", timeMilliseconds: Int64(number),
      modelVersion: catalogue.modelVersion, source: UInt8(number % 3),
      candidateCount: 500 - count,
      excludedItemIDs: number.isMultiple(of: 7) ? ["item 3 ü", "item 499 ü"] : [],
      itemIDs: indexes.map { catalogue.itemIDs[Int($0)] }, itemIndexes: indexes,
      scores: indexes.map { Float($0) / 7 - 3 },
      propensities: explores ? indexes.map { 1 / Float($0 + 1) } : [],
      explored: explores && count > 0, explorationWeight: explores ? 0.3 : 0,
      rules: number.isMultiple(of: 7) ? ["no cards", "öffnung"] : [],
      menu: explores ? menu(count: Int(number / 5 % 4)) : nil,
      experiment: arm == nil ? nil : catalogue.experiment?.name, arm: arm)
  }

  /// A menu of so many products; none of its numbers is that of another.
  static func menu(count: Int) -> [RecordedChoice] {
    (0..<count).map { place in
      RecordedChoice(
        itemID: catalogue.itemIDs[(7 * place + 3) % 500], propensity: 1 / Float(place + 2),
        matchingProbability: place == 0 ? nil : Float(place) / 2048, score: Float(place) - 0.25)
    }
  }

  /// A menu as the thread that answers has it.
  private static func choices(_ menu: [RecordedChoice]) -> [AnsweredChoice] {
    menu.map { choice in
      AnsweredChoice(
        itemIndex: UInt32(catalogue.itemIDs.firstIndex(of: choice.itemID) ?? 0),
        propensity: choice.propensity, matchingProbability: choice.matchingProbability ?? .nan,
        score: choice.score)
    }
  }

  /// Lends a record in the form in which the thread that answers has it.
  static func answer<Result>(
    _ record: RecommendationRecord, number: UInt64, catalogue: UInt32,
    _ body: (borrowing AnsweredRecommendation) throws -> Result
  ) rethrows -> Result {
    let excluded = record.excludedItemIDs.compactMap { id in
      Self.catalogue.itemIDs.firstIndex(of: id).map { UInt32($0) }
    }
    return try Array(record.userID.utf8).withUnsafeBytes { user in
      try record.itemIndexes.withUnsafeBufferPointer { indexes in
        try record.scores.withUnsafeBufferPointer { scores in
          try record.propensities.withUnsafeBufferPointer { propensities in
            try excluded.withUnsafeBufferPointer { excluded in
              var answer = AnsweredRecommendation(
                number: number, timeMilliseconds: record.timeMilliseconds,
                source: record.source, candidateCount: record.candidateCount, userID: user,
                itemIndexes: indexes, scores: scores, propensities: propensities,
                excludedItemIndexes: excluded, explored: record.explored,
                explorationWeight: record.explorationWeight)
              answer.catalogue = catalogue
              answer.rules = record.rules
              answer.arm = record.arm.flatMap {
                Self.catalogue.experiment?.arms.firstIndex(of: $0)
              }
              guard let menu = record.menu else { return try body(answer) }
              return try choices(menu).withUnsafeBufferPointer { choices in
                answer.menu = choices
                return try body(answer)
              }
            }
          }
        }
      }
    }
  }

  /// The file as anybody may open it; waits while the recorder's thread is still closing it.
  func database() throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .timeout(30)
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  /// Records answers of these numbers, at most 250 to a block, and closes the log.
  func fill(_ numbers: Range<UInt64>) throws {
    let recorder = recorder(try store())
    let catalogue = try recorder.register(Self.catalogue)
    for number in numbers {
      Self.answer(Self.record(number), number: number, catalogue: catalogue) {
        recorder.record($0)
      }
      if number % 250 == 0 { recorder.flush() }
    }
    recorder.close()
  }
}
