internal import InteractionData
internal import OfflineEvaluation
internal import RecommenderModels
internal import TensorFiles
internal import TestSupport
internal import Testing

struct EvaluatorTests {
  /// Ranks item 3 first, then 2, 1, 0, for everyone.
  private struct Descending: Recommender {
    static let kind = RecommenderKind.popularity
    let configuration: [String: ConfigurationValue] = [:]
    let parameterCount = 0
    let itemCount = 4

    init() {}
    init(
      file: SafetensorsFile, configuration: [String: ConfigurationValue]
    ) throws(ModelError) { throw .noSuchModel(name: "", available: []) }
    func write(into writer: inout SafetensorsWriter) {}
    func scorer(for dataset: Dataset, targetMonth: Month) -> any Scorer { IndexScorer() }

    struct IndexScorer: Scorer {
      let batchLimit = 2
      func score(_ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>) {
        for index in 0..<scores.count { scores[index] = Float(index % 4) }
      }
    }
  }

  private let dataset = DatasetFixture.panel(
    itemCount: 4,
    customers: [
      [0b0000, 0b1000],  // finds item 3 at rank 1
      [0b1000, 0b1010],  // ranks 2, 1, 0: finds item 1 at rank 2
      [0b0000, 0b0011],  // ranks 3, 2, 1, 0: finds 1 at rank 3 and 0 at rank 4
      [0b0001, 0b0001],  // nothing to find
    ])

  @Test func figuresByHand() throws {
    let split = try EvaluationSplit.nextMonth(of: dataset)
    let figures = try Evaluator(split: split, k: 3, threadCount: 1).figures(of: Descending())
    let precisions = 1 + 0.5 + (1.0 / 3) / 2
    #expect(figures.customers == 4)
    #expect(figures.adders == 3)
    #expect(abs(figures[.meanAveragePrecision, 3] - precisions / 4) < 1e-12)
    #expect(abs(figures[.addersMeanAveragePrecision, 3] - precisions / 3) < 1e-12)
    #expect(abs(figures[.recall, 1] - 1.0 / 3) < 1e-12)
    #expect(figures[.recall, 5] == 1)
    #expect(abs(figures[.meanReciprocalRank, 25] - (1 + 0.5 + 1.0 / 3) / 3) < 1e-12)
    #expect(abs(figures[.precision, 5] - (1 + 1 + 2) / 15.0) < 1e-12)
    // Item 0 stands in nobody's first three but customer 1's.
    #expect(figures.coverage == 1)
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let split = try EvaluationSplit.nextMonth(of: dataset)
    let one = try Evaluator(split: split, threadCount: 1).figures(of: Descending())
    let four = try Evaluator(split: split, threadCount: 4).figures(of: Descending())
    #expect(one == four)
  }

  @Test(arguments: [0, 1001, -1])
  func kOutOfRangeIsAnError(k: Int) throws {
    let split = try EvaluationSplit.nextMonth(of: dataset)
    #expect(throws: EvaluationError.invalidK(value: k, limit: 1000)) {
      try Evaluator(split: split, k: k, threadCount: 1)
    }
  }

  @Test(arguments: [1, 1000])
  func kAtItsLimitsIsTaken(k: Int) throws {
    let split = try EvaluationSplit.nextMonth(of: dataset)
    _ = try Evaluator(split: split, k: k, threadCount: 1)
  }
}
