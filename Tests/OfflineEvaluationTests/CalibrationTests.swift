internal import Foundation
internal import Testing

@testable internal import OfflineEvaluation

struct CalibrationTests {
  private func table(_ pairs: [(probability: Float, isPositive: Bool)]) throws -> CalibrationTable {
    var counter = CalibrationCounter()
    for pair in pairs { counter.add(probability: pair.probability, isPositive: pair.isPositive) }
    return try #require(counter.table)
  }

  @Test func figuresByHand() throws {
    // Two bins: .25 comes true once in four, .75 always.
    let quarter = [(Float(0.25), true), (0.25, false), (0.25, false), (0.25, false)]
    let rest = [(Float(0.75), true), (0.75, true), (0.75, true), (0.75, true)]
    let table = try table(quarter + rest)
    #expect(
      table.bins == [
        .init(count: 4, predicted: 0.25, observed: 0.25),
        .init(count: 4, predicted: 0.75, observed: 1),
      ])
    #expect(table.expectedCalibrationError == 0.125)
    #expect(table.meanPredicted == 0.5)
    #expect(table.meanObserved == 0.625)
    #expect(table.relativeCalibrationError == 0.2)
    let loss = -(log(0.25) + 3 * log(0.75) + 4 * log(0.75)) / 8
    #expect(abs(table.logLoss - loss) < 1e-9)
    #expect(abs(table.constantLogLoss + 0.625 * log(0.625) + 0.375 * log(0.375)) < 1e-15)
  }

  @Test func theConstantHasTheLossThatIsNamed() throws {
    let predictions = (0..<1000).map { pair -> (probability: Float, isPositive: Bool) in
      (0.125, pair % 8 == 0)
    }
    let table = try table(predictions)
    #expect(table.bins.count == 1)
    #expect(table.expectedCalibrationError == 0)
    #expect(abs(table.logLoss / table.constantLogLoss - 1) < 1e-8)
  }

  @Test func nothingTrueHasNoRatio() throws {
    let table = try table([(0, false), (0.5, false), (.nan, false)])
    #expect(table.relativeCalibrationError == nil)
    #expect(table.constantLogLoss == 0)
    #expect(table.meanObserved == 0)
    #expect(abs(table.expectedCalibrationError - 0.5 / 3) < 1e-15)
  }

  @Test func valuesBeyondTheRangeCountAsItsEnds() throws {
    let table = try table([(-1, false), (2, true), (.infinity, true), (-.infinity, false)])
    #expect(table.meanPredicted == 0.5)
    #expect(table.expectedCalibrationError == 0)
    #expect(abs(table.logLoss - 1e-7) < 1e-9)
  }

  @Test(arguments: [1, 2, 20, 21, 1000])
  func binsHoldEveryPairAndAreNotTooMany(pairs: Int) throws {
    let predictions = (0..<pairs).map { pair -> (probability: Float, isPositive: Bool) in
      (Float(pair + 1) / Float(2 * pairs), pair % 3 == 0)
    }
    let table = try table(predictions)
    #expect(table.bins.count <= CalibrationTable.binCount)
    #expect(table.bins.reduce(0) { $0 + $1.count } == pairs)
    #expect(zip(table.bins, table.bins.dropFirst()).allSatisfy { $0.predicted < $1.predicted })
    let coarse = table.coarseBins(factor: 4)
    #expect(coarse.count == (table.bins.count + 3) / 4)
    #expect(coarse.reduce(0) { $0 + $1.count } == pairs)
    let sums = coarse.map { Double($0.count) * $0.predicted }
    #expect(abs(sums.reduce(0, +) / Double(pairs) - table.meanPredicted) < 1e-12)
  }

  @Test func countersAddUpInAnyOrder() {
    var (whole, first, second) = (CalibrationCounter(), CalibrationCounter(), CalibrationCounter())
    for pair in 0..<5000 {
      let probability: Float = exp(-Float(pair % 97) / 9) / 3
      whole.add(probability: probability, isPositive: pair % 50 == 0)
      if pair % 3 == 0 {
        first.add(probability: probability, isPositive: pair % 50 == 0)
      } else {
        second.add(probability: probability, isPositive: pair % 50 == 0)
      }
    }
    var other = second
    other.add(first)
    first.add(second)
    #expect(first.table == whole.table)
    #expect(other.table == whole.table)
  }
}
