internal import ArgumentParser
internal import InteractionData
internal import LinearAlgebra
internal import RecommenderModels

/// `teller bench train`
struct BenchTrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Measure how fast networks are trained, on random data.",
    discussion: """
      dense: one gated recurrent layer over --inputs dense numbers a month and a linear layer to \
      --outputs items: forward, masked softmax, backward, every weight's gradient, clipping, Adam; \
      what frameworks are measured by. panel: the network of 'teller train hrnn' as it is, whose \
      input is sparse, over as many customers and months. The checksum is of what the steps came \
      to, the same at any number of threads.

      Example:
        teller bench train --hidden 128 --batch 512 --months 17 --inputs 120 --outputs 24 --threads 2
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions

  @Option(help: "Units of the recurrent layer, a multiple of 4; 32 to 256 for the panel.")
  var hidden = 128

  @Option(help: "Customers in a step.")
  var batch = 512

  @Option(help: "Months of a customer.")
  var months = 17

  @Option(help: "Numbers a month, for the dense network.")
  var inputs = 120

  @Option(help: "Items.")
  var outputs = 24

  @Option(help: "Steps to measure.")
  var steps = 20

  @Option(help: "dense, panel or both.")
  var network = BenchTrainNetwork.both

  func validate() throws {
    for (name, value, range) in [
      ("hidden", hidden, 4...1024), ("batch", batch, 16...8192), ("months", months, 2...32),
      ("inputs", inputs, 1...4096), ("outputs", outputs, 1...Losses.hazardItemLimit),
      ("steps", steps, 1...10_000),
    ] where !range.contains(value) {
      throw ValidationError(
        "--\(name) is \(value), it must be from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      var report: [String: Any] = ["vector_width": MatrixProduct.vectorWidth]
      if network != .panel { report["dense"] = show("dense", dense()) }
      if network != .dense { report["panel"] = show("panel", try panel()) }
      if shared.json { try CommandOutput.json(report) }
    }
  }

  private func dense() -> BenchTrainReport {
    let shape = DenseRecurrentBenchmark.Shape(
      hidden: hidden, batch: batch, months: months, inputs: inputs, outputs: outputs)
    let benchmark = DenseRecurrentBenchmark(shape, threadCount: threads.count)
    var report = BenchTrainReport(samples: shape.samples, operations: shape.operations)
    for step in 0..<BenchTrainReport.warmUpSteps { benchmark.step(step) }
    for step in 0..<steps {
      let start = SystemClock.elapsed()
      benchmark.step(step)
      report.seconds.append((SystemClock.elapsed() - start).seconds)
    }
    report.checksum = benchmark.checksum
    return report
  }

  private func panel() throws -> BenchTrainReport {
    let benchmark = PanelBenchmark(
      hidden: hidden, batch: batch, months: months, items: outputs, stepCount: steps,
      threadCount: threads.count)
    return try benchmark.run()
  }

  private func show(_ name: String, _ report: BenchTrainReport) -> [String: Any] {
    typealias Out = CommandOutput
    var text =
      "\(name) hidden \(hidden) batch \(batch) months \(months): median step "
      + "\(Out.fixed(report.median, 5)) s, \(Out.grouped(Int(report.perSecond(report.median)))) "
      + "customer-months/s (best \(Out.grouped(Int(report.perSecond(report.best)))))"
    var values: [String: Any] = [
      "customer_months_per_second": report.perSecond(report.median),
      "best_customer_months_per_second": report.perSecond(report.best),
      "median_step_seconds": report.median, "checksum": report.checksum,
    ]
    if let operations = report.operations {
      let rate = operations / report.median / 1e9
      text += ", \(Out.fixed(rate, 1)) GFLOP/s"
      values["gflop_per_second"] = rate
    }
    Out.line(text + ", checksum \(report.checksum)")
    return values
  }
}

/// Which network is measured.
enum BenchTrainNetwork: String, CaseIterable, ExpressibleByArgument {
  case dense, panel, both
}

/// What a measurement came to.
struct BenchTrainReport {
  /// Steps before the measurement: memory is touched, threads are there.
  static let warmUpSteps = 4

  /// Customer-months of a step.
  var samples: Int
  /// Operations of a step's matrix products; nil where they depend on the data.
  var operations: Double?
  /// How long each step took.
  var seconds: [Double] = []
  var checksum = ""

  var best: Double { seconds.min() ?? .nan }
  var median: Double {
    let sorted = seconds.sorted()
    return sorted.isEmpty ? .nan : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  func perSecond(_ seconds: Double) -> Double { Double(samples) / seconds }
}
