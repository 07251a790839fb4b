internal import InteractionData
internal import RecommenderModels
internal import TensorFiles

/// The network of `teller train hrnn` on a bank of random customers, cut off after some steps.
struct PanelBenchmark {
  let hidden: Int
  let batch: Int
  let months: Int
  let items: Int
  let stepCount: Int
  let threadCount: Int

  /// Small banks are trained in smaller batches: this many batches' customers are not small.
  private static let batchesOfCustomers = 100
  /// How often a customer takes or gives up an item in a month, and is not active.
  private static let changeShare = 0.003
  private static let inactiveShare = 0.4

  func run() throws -> BenchTrainReport {
    let dataset = makeDataset()
    let settings: [String: ConfigurationValue] = [
      "hidden_dimension": .integer(hidden), "batch_size": .integer(batch),
      "epochs": .integer(1 + (stepCount + BenchTrainReport.warmUpSteps) / 50),
      "validation_share": .number(0), "weight_decay": .number(0.001), "dropout": .number(0.2),
    ]
    var report = BenchTrainReport(samples: batch * months)
    var last = SystemClock.elapsed()
    var steps = 0
    var loss = 0.0
    let trainer = ModelTrainer(
      threadCount: threadCount, now: SystemClock.elapsed,
      progress: { progress in
        let now = SystemClock.elapsed()
        steps = progress.step
        loss = progress.loss
        if steps > BenchTrainReport.warmUpSteps { report.seconds.append((now - last).seconds) }
        last = now
      },
      isCancelled: { steps == stepCount + BenchTrainReport.warmUpSteps })
    do {
      _ = try trainer.train(.hrnn, on: dataset, settings: settings, seed: 1)
    } catch {
      // Once enough steps were made there is nothing wrong.
      if steps < stepCount + BenchTrainReport.warmUpSteps { throw error }
    }
    report.checksum = withUnsafeBytes(of: loss) { Checksum.text(Checksum.crc32($0)) }
    return report
  }

  private func makeDataset() -> Dataset {
    let customers = batch * Self.batchesOfCustomers
    let rows = months + 1
    var generator = SeededGenerator(seed: 1)
    var held: [UInt64] = []
    var flags: [UInt8] = []
    held.reserveCapacity(customers * rows)
    for _ in 0..<customers {
      var holdings = UInt64(1) << UInt64(generator.nextIndex(below: items))
      for _ in 0..<rows {
        // One draw decides whether anything changes, so that making the bank is quick.
        if generator.nextUnitDouble() < Self.changeShare * Double(items) {
          holdings ^= 1 << UInt64(generator.nextIndex(below: items))
        }
        held.append(holdings)
        flags.append(
          generator.nextUnitDouble() < Self.inactiveShare ? 0 : HoldingsPanel.activeFlag)
      }
    }
    return Dataset(
      customers: IdentifierTable((0..<customers).map { "\($0)" }),
      items: ItemCatalogue(identifiers: IdentifierTable((0..<items).map { "item\($0)" })),
      interactions: InteractionTable(
        offsets: Column([UInt32](repeating: 0, count: customers + 1)), itemIndexes: Column([]),
        timestamps: Column([]), eventTypes: Column([])),
      panel: HoldingsPanel(
        firstMonth: Month(year: 2015, month: 1), monthCount: rows,
        offsets: Column((0...customers).map { UInt32($0 * rows) }),
        monthIndexes: Column((0..<customers * rows).map { UInt8($0 % rows) }),
        held: Column(held), flags: Column(flags)))
  }
}
