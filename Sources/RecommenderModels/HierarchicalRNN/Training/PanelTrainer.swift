internal import InteractionData
internal import LinearAlgebra
internal import TensorFiles

/// Trains a panel network.
struct PanelTrainer {
  let model: PanelModel
  private let settings: HRNNConfiguration
  private let seed: UInt64
  private let threadCount: Int
  private let sequences: PanelSequences
  private let shards: PanelShards

  /// Prepares the training of a dataset that has a panel.
  ///
  /// - Throws: ``ModelError/unsuitableDataset(kind:reason:)`` when nothing can be learned from it.
  init(
    dataset: Dataset, panel: HoldingsPanel, settings: HRNNConfiguration, seed: UInt64,
    threadCount: Int
  ) throws(ModelError) {
    let items = dataset.items.count
    guard (1...PanelLayout.itemLimit).contains(items) else {
      throw .unsuitableDataset(
        kind: .hrnn, reason: "a panel of \(items) items, it can have 1 to \(PanelLayout.itemLimit)")
    }
    sequences = PanelSequences(panel, items: items, configuration: settings, seed: seed)
    guard sequences.training.contains(where: { $0.acquisitions > 0 }) else {
      throw .unsuitableDataset(
        kind: .hrnn,
        reason: "no customer takes an item from one month to the next; import more months")
    }
    let encoding = AttributeEncoding(fitting: dataset.customerAttributes)
    let network = PanelNetwork(
      PanelModel.dimensions(items: items, encoding: encoding, settings: settings))
    network.randomise(seed: seed)
    PanelBaseRates(sequences.training, panel: panel, items: items).initialise(network)
    network.prepare()
    model = PanelModel(network: network, encoding: encoding)
    self.settings = settings
    self.seed = seed
    self.threadCount = threadCount
    shards = PanelShards(
      model, panel: panel, attributes: dataset.customerAttributes, batchSize: settings.batchSize,
      stepLimit: min(settings.bptt, max(panel.monthCount, 1)), threadCount: threadCount)
  }

  /// Trains all epochs.
  func run(_ monitor: TrainingMonitor) throws(ModelError) -> TrainingOutcome {
    var order = Array(sequences.training.indices)
    let batches = Parallel.chunks(of: order.count, chunkSize: settings.batchSize)
    var monitor = monitor
    monitor.begin(
      epochCount: settings.epochs, stepCount: settings.epochs * batches.count)
    var optimiser = GradientStep(
      model.network.parameters, decayed: model.network.layout.decayedRanges, settings: settings,
      stepCount: settings.epochs * batches.count)
    var step = 0
    for epoch in 1...settings.epochs {
      var generator = SeededGenerator(seed: seed, stream: Stream.order + UInt64(epoch))
      order.shuffle(using: &generator)
      monitor.beginEpoch(epoch)
      for (number, range) in batches.enumerated() {
        try monitor.checkCancelled(step: step)
        let batch = order[range].map { sequences.training[$0] }
        let key = SeededGenerator.word(seed: seed, stream: Stream.dropout + UInt64(step))
        let loss = shards.train(batch, settings: settings, key: key)
        let shardCount = Parallel.chunks(of: batch.count, chunkSize: PanelModel.shardRows).count
        guard loss.isFinite,
          optimiser.apply(
            step: step, gradients: shards.gradients[..<shardCount], threadCount: threadCount)
        else { throw .diverged(epoch: epoch, step: step + 1) }
        model.network.prepare()
        step += 1
        let isLast = number == batches.count - 1
        monitor.record(
          step: step, loss: loss, divisor: batch.reduce(0) { $0 + $1.acquisitions },
          samples: batch.reduce(0) { $0 + $1.stepCount },
          validation: isLast ? validate() : nil)
      }
    }
    guard model.network.parameters.isFinite else {
      throw .diverged(epoch: settings.epochs, step: step)
    }
    return monitor.outcome
  }

  /// Metrics of the customers kept aside, on their last month.
  private func validate() -> [String: Double] {
    let items = model.network.dimensions.items
    var metrics = ValidationMetrics()
    let width = settings.batchSize
    for range in Parallel.chunks(of: sequences.validation.count, chunkSize: width) {
      let batch = Array(sequences.validation[range])
      let parts = ShardResults<[ScoredRow]>(count: shards.gradients.count, initial: [])
      shards.forEach(batch) { shard, sequences, space in
        let counts = sequences.map(\.stepCount)
        self.model.network.forward(space)
        self.model.network.decodeLast(space, stepCounts: counts)
        parts[shard] = (0..<space.rows).map { row in
          let step = space.steps[space.stepOffsets[counts[row] - 1] + row]
          return ScoredRow(
            logits: Array(
              UnsafeBufferPointer(start: space.logits.base + row * items, count: items)),
            held: step.held, taken: step.taken)
        }
      }
      for row in parts.values.joined() {
        row.logits.withUnsafeBufferPointer {
          metrics.add(logits: $0, held: row.held, taken: row.taken)
        }
      }
    }
    return metrics.values
  }

  private struct ScoredRow {
    let logits: [Float]
    let held: UInt64
    let taken: UInt64
  }
}

extension SeededGenerator {
  /// The first random word of a stream.
  static func word(seed: UInt64, stream: UInt64) -> UInt64 {
    var generator = SeededGenerator(seed: seed, stream: stream)
    return generator.next()
  }
}
