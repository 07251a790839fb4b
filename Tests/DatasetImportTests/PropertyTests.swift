internal import Foundation
internal import InteractionData
internal import TensorFiles
internal import Testing

@testable internal import DatasetImport

@Suite struct PanelPropertyTests {
  private static func generated(_ folder: TemporaryFolder) throws -> String {
    let path = "\(folder.path)/bank.csv"
    _ = try BankGenerator.generate(
      to: path, options: BankGeneratorOptions(customers: 150, months: 8, seed: 5, threadCount: 1))
    return path
  }

  @Test func theFastReaderAgreesWithTheNaiveOne() throws {
    let folder = try TemporaryFolder()
    let path = try Self.generated(folder)
    let naive = try NaivePanelReader(String(contentsOfFile: path, encoding: .utf8)).result
    let fast = try SantanderPanelReader.read(paths: [path])
    #expect(String(describing: DatasetText(fast.dataset)) == String(describing: naive))
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func anyOrderOfRowsGivesAnEqualDataset(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOfFile: Self.generated(folder), encoding: .utf8)
    var lines = text.split(separator: "\n")
    let header = lines.removeFirst()
    var generator = SeededGenerator(seed: seed)
    let original = try SantanderPanelReader.read(
      paths: ["\(folder.path)/bank.csv"], options: SantanderImportOptions(threadCount: 1))
    lines.shuffle(using: &generator)
    let shuffled = try folder.file(
      "shuffled.csv", ([header] + lines).joined(separator: "\n") + "\n")
    for (threads, blockSize) in [(1, 1 << 20), (2, 97), (3, 1000), (5, 4096)] {
      var options = SantanderImportOptions(threadCount: threads)
      options.blockSize = blockSize
      let result = try SantanderPanelReader.read(paths: [shuffled], options: options)
      #expect(result.report == original.report, "seed \(seed)")
      #expect(
        String(describing: DatasetText(result.dataset))
          == String(describing: DatasetText(original.dataset)), "seed \(seed)")
    }
  }

  @Test func blocksMaySplitRowsAnywhere() throws {
    let folder = try TemporaryFolder()
    let text =
      "fecha_dato,ncodpers,nomprov,ind_a_ult1\r\n2015-01-28,1,\"A, B\",1\r\n2015-02-28,2,,0\r\n"
      + "2015-02-28,1,\"C\",0\r\n2015-03-28,12,x,1"
    let path = try folder.file("p.csv", text)
    let expected = try DatasetText(SantanderPanelReader.read(paths: [path]).dataset)
    for blockSize in 1...text.utf8.count {
      var options = SantanderImportOptions(threadCount: 2)
      options.blockSize = blockSize
      let result = try SantanderPanelReader.read(paths: [path], options: options)
      #expect(DatasetText(result.dataset) == expected, "blocks of \(blockSize) bytes")
    }
  }
}

@Suite struct GeneratorTests {
  @Test func theBytesDependOnTheSeedAlone() throws {
    let folder = try TemporaryFolder()
    func bytes(_ seed: UInt64, _ threads: Int) throws -> [Data] {
      let path = "\(folder.path)/\(seed)-\(threads)"
      let report = try BankGenerator.generate(
        to: path, truth: path + ".truth",
        options: BankGeneratorOptions(
          customers: 9000, months: 3, seed: seed, threadCount: threads))
      #expect(report.truthCustomers > 8000)
      return try [path, path + ".truth"].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    }
    let one = try bytes(1, 1)
    #expect(try bytes(1, 2) == one)
    #expect(try bytes(1, 3) == one)
    #expect(try bytes(2, 2) != one)
  }

  @Test func theTruthIsTheNextMonth() throws {
    let folder = try TemporaryFolder()
    let truth = "\(folder.path)/truth"
    let report = try BankGenerator.generate(
      to: "\(folder.path)/bank", truth: truth,
      options: BankGeneratorOptions(customers: 3000, months: 6, seed: 3, threadCount: 2))
    let result = try SantanderPanelReader.read(paths: ["\(folder.path)/bank"])
    #expect(result.report.rows == report.rows)
    #expect(result.report.customers == report.customers)
    #expect(result.report.rejectedRows == 0)
    let panel = try #require(result.dataset.panel)
    let lines = try String(contentsOfFile: truth, encoding: .utf8).split(separator: "\n")
    #expect(lines[0] == "ncodpers,added_products")
    #expect(lines.count == report.truthCustomers + 1)
    for line in lines.dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      let customer = try #require(result.dataset.customers.index(of: String(fields[0])))
      let last = panel.rows(of: customer).upperBound - 1
      #expect(Int(panel.monthIndexes[last]) == panel.monthCount - 1)
      for product in fields[1].split(separator: " ") {
        let item = try #require(result.dataset.items.identifiers.index(of: String(product)))
        #expect(panel.held[last] >> UInt64(item) & 1 == 0)
      }
    }
  }

  @Test func theHazardsAreThoseOfTheNextMonth() throws {
    let folder = try TemporaryFolder()
    let (truth, hazards) = ("\(folder.path)/truth", "\(folder.path)/hazards")
    _ = try BankGenerator.generate(
      to: "\(folder.path)/bank", truth: truth, hazards: hazards,
      options: BankGeneratorOptions(customers: 30_000, months: 4, seed: 9, threadCount: 2))
    func lines(_ path: String) throws -> [[Substring]] {
      try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    }
    let (added, known) = try (lines(truth), lines(hazards))
    #expect(known.map { $0[0] } == added.map { $0[0] })
    let columns = known[0].dropFirst()
    var expected = [Double](repeating: 0, count: columns.count)
    var variance = expected
    var happened = expected
    for (known, added) in zip(known, added).dropFirst() {
      let products = Set(added[1].split(separator: " "))
      for (column, name) in columns.enumerated() {
        let hazard = try #require(Double(known[column + 1]))
        expected[column] += hazard
        variance[column] += hazard * (1 - hazard)
        if products.contains(name) {
          happened[column] += 1
          #expect(hazard > 0, "\(name) of \(known[0])")
        }
      }
    }
    for (column, name) in columns.enumerated() {
      let distance = abs(happened[column] - expected[column])
      #expect(
        distance <= 4 * max(variance[column], 1).squareRoot(),
        "\(name): \(happened[column]) happened, \(expected[column]) expected")
    }
    #expect(expected.reduce(0, +) > 500)
  }

  @Test func impossibleBanksAreRefused() {
    for (customers, months) in [
      (0, 1), (1, 0), (BankGeneratorOptions.customerLimit + 1, 1),
      (1, BankGeneratorOptions.monthLimit + 1),
    ] {
      #expect(throws: ImportError.self) {
        try BankGenerator.generate(
          to: "/dev/null",
          options: BankGeneratorOptions(customers: customers, months: months, seed: 1))
      }
    }
    #expect(throws: ImportError.self) {
      try BankGenerator.generate(
        to: "/nowhere/bank", options: BankGeneratorOptions(customers: 1, months: 1, seed: 1))
    }
  }
}
