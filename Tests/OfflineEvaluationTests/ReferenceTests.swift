internal import Foundation
internal import Testing

@testable internal import OfflineEvaluation

/// Figures of another implementation; `Reference/make_reference.py` made them.
struct ReferenceTests {
  private struct Reference: Decodable {
    struct Case: Decodable {
      let ranked: [UInt32]
      let relevant: [UInt32]
      let metrics: [String: [String: Double]]
    }
    struct Exposure: Decodable {
      let exposures: [Int]
      let customersWithItem: [Int]
      let customers: Int
      let gini: Double
      let novelty: Double
    }
    struct Calibration: Decodable {
      let probabilities: [Float]
      let outcomes: [Int]
      let logLoss: Double
      let expectedCalibrationError: Double
      let bins: Int
    }
    struct Hazards: Decodable {
      let probabilities: [Float]
      let pairs: [Int]
      let positives: [Int]
      let logLoss: Double
      let constantLogLoss: Double
      let expectedCalibrationError: Double
      let relativeCalibrationError: Double
      let bins: Int
    }
    let cases: [Case]
    let exposure: Exposure
    let calibration: Calibration
    let hazards: Hazards
  }

  private let reference: Reference

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Reference/reference.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    reference = try decoder.decode(Reference.self, from: Data(contentsOf: file))
  }

  @Test func rankingMetricsAgree() throws {
    typealias Metric = (UnsafeBufferPointer<UInt32>, UnsafeBufferPointer<UInt32>, Int) -> Double
    let metrics: [String: Metric] = [
      "average_precision": RankingMetrics.averagePrecision,
      "ndcg": RankingMetrics.normalizedDiscountedCumulativeGain,
      "recall": RankingMetrics.recall, "precision": RankingMetrics.precision,
      "hit_rate": RankingMetrics.hitRate, "reciprocal_rank": RankingMetrics.reciprocalRank,
    ]
    #expect(reference.cases.count == 40)
    for (index, entry) in reference.cases.enumerated() {
      for (k, expected) in entry.metrics {
        let k = try #require(Int(k))
        for (name, metric) in metrics {
          let known = try #require(expected[name])
          let value = entry.ranked.withUnsafeBufferPointer { ranked in
            entry.relevant.withUnsafeBufferPointer { metric(ranked, $0, k) }
          }
          #expect(abs(value - known) < 1e-12, "case \(index), \(name)@\(k)")
        }
      }
    }
  }

  @Test func exposureMetricsAgree() {
    let exposure = reference.exposure
    #expect(abs(ExposureMetrics.gini(exposure.exposures) - exposure.gini) < 1e-12)
    let novelty = ExposureMetrics.novelty(
      exposure.exposures, customersWithItem: exposure.customersWithItem,
      customerCount: exposure.customers)
    #expect(abs(novelty - exposure.novelty) < 1e-12)
  }

  @Test func calibrationAgrees() throws {
    let known = reference.calibration
    var counter = CalibrationCounter()
    for (probability, outcome) in zip(known.probabilities, known.outcomes) {
      counter.add(probability: probability, isPositive: outcome == 1)
    }
    let table = try #require(counter.table)
    #expect(table.count == 2000)
    #expect(isClose(table.logLoss, known.logLoss, within: 1e-8))
    #expect(isClose(table.expectedCalibrationError, known.expectedCalibrationError, within: 1e-12))
    #expect(table.bins.count == known.bins)
    #expect(table.bins.reduce(0) { $0 + $1.count } == 2000)
  }

  /// Hazards of a thousandth: an absolute tolerance would let everything pass.
  @Test func calibrationOfSmallHazardsAgrees() throws {
    let known = reference.hazards
    var counter = CalibrationCounter()
    for (index, probability) in known.probabilities.enumerated() {
      for pair in 0..<known.pairs[index] {
        counter.add(probability: probability, isPositive: pair < known.positives[index])
      }
    }
    let table = try #require(counter.table)
    #expect(isClose(table.logLoss, known.logLoss, within: 1e-6))
    #expect(isClose(table.constantLogLoss, known.constantLogLoss, within: 1e-12))
    #expect(isClose(table.expectedCalibrationError, known.expectedCalibrationError, within: 1e-11))
    let relative = try #require(table.relativeCalibrationError)
    #expect(isClose(relative, known.relativeCalibrationError, within: 1e-11))
    #expect(table.bins.count == known.bins)
  }

  /// Whether a value is that of the other implementation but for a share of it.
  private func isClose(_ value: Double, _ known: Double, within tolerance: Double) -> Bool {
    abs(value - known) <= tolerance * abs(known)
  }

  @Test func nothingIsEverDividedByZero() {
    #expect(ExposureMetrics.coverage([]) == 0)
    #expect(ExposureMetrics.gini([0, 0]) == 0)
    #expect(ExposureMetrics.novelty([0], customersWithItem: [0], customerCount: 0) == 0)
    #expect(CalibrationCounter().table == nil)
  }
}
