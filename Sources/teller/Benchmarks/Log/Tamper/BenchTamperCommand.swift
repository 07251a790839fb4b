internal import ArgumentParser
internal import Foundation
internal import InteractionData

/// `teller bench tamper`
struct BenchTamperCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tamper",
    abstract: "Change a record of answers again and again, and check that it is noticed.",
    discussion: """
      Two servers answer until each has a record, one is stopped, one killed. Then a copy of either \
      record is changed, and 'teller audit verify' must refuse it in one line: without knowing \
      anything else, or, where the chain cannot show it, by the head and the first block noted \
      before. A change after which the record still exports the same bytes is harmless: it is \
      counted, and another is made in its place. The exit code is 70 when a change was missed. A \
      block with its right hash behind the head that was noted is no such change: nothing tells \
      it from one of the server's.

      Everything is made in --folder, which may not be there yet and is removed after; the workspace \
      gives the dataset and the models, and stays as it is.

      Example:
        teller bench tamper --changes 1000 --folder /tmp/tamper
      """)

  @OptionGroup var shared: SharedOptions

  @Option(help: "How many changes that are not harmless, 1 to 1000000.")
  var changes = 200

  @Option(help: "The least answers of a record, 1 to 10000000.")
  var answers = 5000

  @Option(help: "The folder of the records. [default: one for temporary files]")
  var folder: String?

  @Option(help: "Seed of what is drawn.")
  var seed: UInt64 = 1

  /// Draws that may be harmless, for each change that is wanted.
  private static let drawsPerChange = 20

  /// Something that must not be.
  struct Failed: Error, CustomStringConvertible {
    let faults: [String]
    let seed: UInt64

    var description: String {
      "seed \(seed): \(faults.count) changes missed, the first: "
        + faults.prefix(3).joined(separator: "; ")
    }
  }

  func validate() throws {
    guard (1...1_000_000).contains(changes), (1...10_000_000).contains(answers) else {
      throw ValidationError("--changes must be from 1 to 1000000, --answers from 1 to 10000000")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      let folder = folder ?? ScratchWorkspace.temporaryFolder("tamper")
      try ScratchWorkspace.requireAbsent(folder)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let dataset = try DatasetFile.open(shared.datasetFolder, verifyingChecksums: false).dataset
      let customers = (0..<min(dataset.customers.count, 400)).map { dataset.customers[$0] }
      let copy = RecordFiles(folder: "\(folder)/copy")
      try FileManager.default.createDirectory(
        atPath: copy.folder, withIntermediateDirectories: true)
      var records: [TamperedRecord] = []
      for (number, name) in ["stopped", "killed"].enumerated() {
        let fill = RecordFill(
          workspace: shared.workspace, folder: "\(folder)/\(name)", customers: customers)
        let files = try await fill.run(
          answerCount: answers, isKilled: number == 1, seed: seed &* 2 &+ UInt64(number))
        records.append(try TamperedRecord(files, copy: copy))
      }
      var tally = TamperTally()
      try change(records, copy, customers, &tally)
      tally.print()
      if shared.json { try CommandOutput.json(tally.json) }
      if !tally.faults.isEmpty { throw Failed(faults: tally.faults, seed: seed) }
    }
  }

  private func change(
    _ records: [TamperedRecord], _ copy: RecordFiles, _ customers: [String],
    _ tally: inout TamperTally
  ) throws {
    let blocks = try records.map { record in
      try copy.replace(by: record.files)
      return try copy.blocks()
    }
    var random = SeededGenerator(seed: seed)
    for draw in 0..<changes * Self.drawsPerChange where tally.changeCount < changes {
      let kind = Tampering.allCases[draw % Tampering.allCases.count]
      let number = Int(random.next() % 2)
      let tamperer = Tamperer(
        files: copy, other: (records[1 - number].files, blocks[1 - number]), customers: customers)
      try copy.replace(by: records[number].files)
      guard try tamperer.apply(kind, &random) else { continue }
      let verdict = try records[number].verdict(copy)
      tally.count(verdict, kind, "change \(draw) of record \(number), \(kind.rawValue)")
    }
  }
}
