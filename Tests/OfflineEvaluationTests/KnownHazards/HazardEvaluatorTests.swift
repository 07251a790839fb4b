internal import Foundation
internal import InteractionData
internal import TestSupport
internal import Testing

@testable internal import OfflineEvaluation

struct HazardEvaluatorTests {
  private let folder: TemporaryFolder
  private let dataset = DatasetFixture.panel(
    itemCount: 3, customers: [[0b000, 0b001], [0b000, 0b000], [0b100, 0b100]])

  init() throws { folder = try TemporaryFolder() }

  private func table(
    _ text: String, range: CustomerItemTable.Range = .probability
  ) throws -> CustomerItemTable {
    let path = folder.file("table.csv")
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return try CustomerItemTable(path: path, dataset: dataset, range: range)
  }

  private var items: [String] { dataset.items.identifiers.all }
  private var customers: [String] {
    (0..<3).map { dataset.customers.all[$0] }
  }

  @Test func figuresByHand() throws {
    // Customer 0 holds item 0: of the others, item 2 is likelier. Columns in another order.
    let hazards = try table(
      """
      customer,\(items[2]),\(items[1]),\(items[0])
      \(customers[0]),0.5,0.25,0
      \(customers[1]),0,0,0.125

      """)
    let evaluator = try HazardEvaluator(
      dataset: dataset, hazards: hazards, k: 1, threadCount: 1)
    #expect(evaluator.split.targetMonth == dataset.lastMonth?.advanced(by: 1))
    let oracle = evaluator.oracle()
    #expect(oracle.customers == 2)
    #expect(abs(oracle.meanAveragePrecision - (0.5 + 0.125) / 2) < 1e-12)
    let truth = try #require(oracle.calibration)
    #expect(truth.relativeCalibrationError == 0)
    #expect(abs(truth.meanHazard - (0.5 + 0.25 + 0.125) / 5) < 1e-12)

    // Another program, which thinks the same of everything: item 1 comes first for customer 0, and
    // item 0 for customer 1.
    let scores = try table(
      "user,\(items[0]),\(items[1]),\(items[2])\n"
        + customers.map { "\($0),0.2,0.2,0.2" }.joined(separator: "\n"))
    let same = evaluator.figures(of: FileScorer(scores), isProbability: true)
    #expect(abs(same.meanAveragePrecision - (0.25 + 0.125) / 2) < 1e-12)
    let calibration = try #require(same.calibration)
    let mean = (0.5 + 0.25 + 0.125) / 5
    #expect(abs(calibration.logLoss + mean * log(0.2) + (1 - mean) * log(0.8)) < 1e-7)
    // Twenty bins of five pairs: each pair stands alone.
    let distances = [0.3, 0.05, 0.2, 0.2, 0.075].reduce(0, +)
    #expect(abs(calibration.relativeCalibrationError - distances / (5 * mean)) < 1e-6)
    let gap = try #require(same.gap(from: same, to: oracle))
    #expect(gap == 0)
    #expect(oracle.gap(from: same, to: oracle) == 1)
    #expect(oracle.gap(from: oracle, to: oracle) == nil)
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let count = 3000
    var generator = SeededGenerator(seed: 11, stream: 0)
    let panel = DatasetFixture.panel(
      itemCount: 5, customers: (0..<count).map { _ in [0, UInt64(generator.next() % 32)] })
    let path = folder.file("many.csv")
    let lines = (0..<count).map { customer in
      panel.customers.all[customer] + ","
        + (0..<5).map { _ in "\(Float(generator.nextUnitDouble()))" }.joined(separator: ",")
    }
    let header = "customer," + panel.items.identifiers.all.joined(separator: ",")
    try Data(([header] + lines).joined(separator: "\n").utf8).write(
      to: URL(fileURLWithPath: path))
    let hazards = try CustomerItemTable(path: path, dataset: panel, range: .probability)
    func figures(_ threads: Int) throws -> HazardFigures {
      let evaluator = try HazardEvaluator(
        dataset: panel, hazards: hazards, k: 3, threadCount: threads)
      let scorer = RandomScorer(seed: 3, itemCount: 5)
      return evaluator.figures(of: scorer, isProbability: true)
    }
    let one = try figures(1)
    #expect(one.meanAveragePrecision > 0)
    #expect(try figures(2) == one)
    #expect(try figures(5) == one)
  }

  @Test func whatCannotBeReadIsNamedByLine() throws {
    let (item, customer) = (items[0], customers[0])
    func fails(
      _ text: String, _ range: CustomerItemTable.Range = .probability, saying: String,
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(sourceLocation: sourceLocation) {
        _ = try table(text, range: range)
      } throws: { error in
        "\(error)".contains(saying)
      }
    }
    fails("", saying: "has no rows")
    fails("customer,\(item)\n", saying: "has no rows")
    fails("customer\n", saying: ":1: the header names no item")
    fails("customer,nothing\n", saying: ":1: item \"nothing\" is not in the catalogue")
    fails("customer,\(item),\(item)\n", saying: ":1: item \"\(item)\" has two columns")
    fails("customer,\(item)\nnobody,1\n", saying: ":2: customer \"nobody\"")
    fails("customer,\(item)\n\n\(customer),1,1\n", saying: ":3: 3 fields, the header has 2")
    fails("customer,\(item)\n\(customer),1\n\(customer),1\n", saying: ":3: customer")
    for value in ["1.01", "-0.1", "nan", "inf", "", "x"] {
      fails(
        "customer,\(item)\n\(customer),\(value)\n", saying: ":2: \"\(value)\" is no probability")
    }
    for value in ["nan", "-inf", "", "x"] {
      fails("customer,\(item)\n\(customer),\(value)\n", .score, saying: "is no finite number")
    }
    #expect(try table("c,\(item)\n\(customer),-3.5\n", range: .score).values == [-3.5, 0, 0])
    #expect(throws: EvaluationError.unreadableFile(path: "/nowhere")) {
      _ = try CustomerItemTable(path: "/nowhere", dataset: dataset, range: .score)
    }
  }
}
