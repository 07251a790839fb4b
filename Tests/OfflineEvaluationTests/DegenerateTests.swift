internal import Foundation
internal import InteractionData
internal import OfflineEvaluation
internal import RecommenderModels
internal import TensorFiles
internal import TestSupport
internal import Testing

/// Inputs with next to nothing in them: an error, or figures that are numbers.
struct DegenerateTests {
  /// Gives odd numbers: nothing, infinities, all the same.
  private struct OddScorer: Scorer {
    let itemCount: Int
    let seed: UInt64
    let batchLimit = 3

    func score(_ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>) {
      var generator = SeededGenerator(seed: seed, stream: UInt64(histories.count))
      let values: [Float] = [.nan, .infinity, -.infinity, 0, 0, 1, -1, 1e-30, 0.5]
      for index in 0..<scores.count {
        scores[index] = values[generator.nextIndex(below: values.count)]
      }
    }
  }

  private func dataset(_ generator: inout SeededGenerator, hasPanel: Bool) -> Dataset {
    let items = 1 + generator.nextIndex(below: 4)
    let count = generator.nextIndex(below: 14)
    let values: AttributeColumn.Values =
      generator.nextIndex(below: 2) == 0
      ? .numeric(
        Column((0..<count).map { _ in [Float.nan, 3, 40][generator.nextIndex(below: 3)] }))
      : .categorical(
        codes: Column(
          (0..<count).map { _ in
            [AttributeColumn.missingCode, 0, 1][generator.nextIndex(below: 3)]
          }), categories: ["", "(unknown)"])
    let attributes = AttributeTable(columns: [AttributeColumn(name: "a", values: values)])
    guard hasPanel else {
      let plain = DatasetFixture.interactions(
        itemCount: items,
        customers: (0..<count).map { _ in
          (0..<generator.nextIndex(below: 5)).map { _ in generator.nextIndex(below: items) }
        })
      return Dataset(
        customers: plain.customers, customerAttributes: attributes, items: plain.items,
        interactions: plain.interactions, panel: nil)
    }
    return DatasetFixture.panel(
      itemCount: items,
      customers: (0..<count).map { _ in
        (0..<3).map { _ in
          generator.nextIndex(below: 4) == 0
            ? nil : UInt64(generator.nextIndex(below: 1 << items))
        }
      }, attributes: attributes)
  }

  private func splits(of dataset: Dataset, seed: UInt64) -> [EvaluationSplit] {
    let makers: [() throws -> EvaluationSplit] = [
      { try .nextMonth(of: dataset) }, { try .nextMonth(of: dataset, monthsBack: 1) },
      { try .leaveLastOut(of: dataset) }, { try .randomHoldout(of: dataset, seed: seed) },
      { try .personalize(of: dataset, seed: seed) },
    ]
    return makers.compactMap { try? $0() }
  }

  private func expectNumbers(_ figures: EvaluationFigures, _ context: String) {
    for (metric, value) in figures.means {
      #expect(value >= 0 && value <= 1, "\(metric.name) is \(value): \(context)")
    }
    #expect(figures.coverage >= 0 && figures.coverage <= 1, "\(context)")
    #expect(figures.gini >= 0 && figures.gini < 1, "\(context)")
    #expect(figures.novelty >= 0 && figures.novelty.isFinite, "\(context)")
    #expect(figures.adders <= figures.customers, "\(context)")
    guard let table = figures.calibration else { return }
    let values = [
      table.logLoss, table.constantLogLoss, table.expectedCalibrationError, table.meanPredicted,
      table.meanObserved, table.relativeCalibrationError ?? 0,
    ]
    #expect(values.allSatisfy { $0.isFinite && $0 >= 0 }, "\(values): \(context)")
    #expect(table.bins.allSatisfy { $0.count > 0 && $0.predicted.isFinite }, "\(context)")
  }

  @Test(arguments: UInt64(1)...60)
  func figuresAreNumbers(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed, stream: 77)
    let dataset = dataset(&generator, hasPanel: seed % 2 == 0)
    for split in splits(of: dataset, seed: seed) {
      let context = "seed \(seed), \(split.name)"
      let groups = try CustomerGroups(attribute: "a", of: split)
      let evaluator = try Evaluator(
        split: split, k: 1 + Int(seed % 9), cutoffs: [2, 100], groups: groups, threadCount: 2)
      var scorers: [any Scorer] = [OddScorer(itemCount: dataset.items.count, seed: seed)]
      for yardstick in Yardstick.allCases {
        // A split whose training part is empty is an error of the yardstick.
        if let scorer = try? yardstick.scorer(for: split, seed: seed, threadCount: 1) {
          scorers.append(scorer)
        }
      }
      let results = scorers.map { evaluator.result(of: $0, isProbability: true) }
      for result in results {
        expectNumbers(result.figures, context)
        for figures in result.groupFigures { expectNumbers(figures, context) }
      }
      let intervals = try BootstrapIntervals(
        results: results, replicateCount: 100, seed: seed, threadCount: 1)
      for metric in results[0].metrics {
        for model in results.indices {
          let own = try #require(intervals.interval(model: model, metric: metric))
          let difference = try #require(
            intervals.difference(model: model, from: 0, metric: metric))
          for value in [own.low, own.high, difference.low, difference.high] {
            #expect(value.isFinite, "\(metric.name), \(context)")
          }
        }
      }
    }
  }

  /// The property above would hold of nothing at all.
  @Test func manySplitsAreMeasured() {
    var counts: [String: Int] = [:]
    for seed in UInt64(1)...60 {
      var generator = SeededGenerator(seed: seed, stream: 77)
      for split in splits(of: dataset(&generator, hasPanel: seed % 2 == 0), seed: seed) {
        counts[String(split.name.prefix(6)), default: 0] += 1
      }
    }
    #expect(counts.count == 4)
    #expect(counts.values.allSatisfy { $0 >= 10 }, "\(counts)")
  }

  @Test func anEmptyDatasetIsAnError() {
    let empty = DatasetFixture.interactions(itemCount: 2, customers: [])
    #expect(splits(of: empty, seed: 1).isEmpty)
    let idle = DatasetFixture.interactions(itemCount: 2, customers: [[], []])
    #expect(splits(of: idle, seed: 1).isEmpty)
  }
}
