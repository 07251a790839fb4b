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
  private let batchSize: Int

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
        kind: .hrnn, reason: Self.reason(panel, items: items, settings: settings, seed: seed))
    }
    let encoding = AttributeEncoding(ofCustomers: dataset, settings)
    let network = PanelNetwork(
      PanelModel.dimensions(items: items, encoding: encoding, settings: settings))
    network.randomise(seed: seed)
    PanelBaseRates(sequences.training, panel: panel, items: items).initialise(network)
    network.prepare()
    model = PanelModel(network: network, encoding: encoding)
    self.settings = settings
    self.seed = seed
    self.threadCount = threadCount
    batchSize = TrainingLoop.batchSize(settings, count: sequences.training.count)
    shards = PanelShards(
      model, panel: panel, attributes: dataset.customerAttributes, batchSize: batchSize,
      stepLimit: min(settings.bptt, max(panel.monthCount, 1)), threadCount: threadCount)
  }

  /// Why nothing is left to train on.
  private static func reason(
    _ panel: HoldingsPanel, items: Int, settings: HRNNConfiguration, seed: UInt64
  ) -> String {
    var everyone = settings
    everyone.validationShare = 0
    everyone.minUserHistoryLengthPercentile = 0
    everyone.maxUserHistoryLengthPercentile = 1
    let all = PanelSequences(panel, items: items, configuration: everyone, seed: seed)
    return all.training.contains { $0.acquisitions > 0 }
      ? "none of the customers left to train on takes an item; lower validation_share, or widen "
        + "the percentiles of history length"
      : "no customer takes an item from one month to the next; import more months"
  }

  /// Trains all epochs.
  func run(_ monitor: TrainingMonitor) throws(ModelError) -> TrainingOutcome {
    let loop = TrainingLoop(
      parameters: model.network.parameters, decayed: model.network.layout.decayedRanges,
      settings: settings, batchSize: batchSize, seed: seed, threadCount: threadCount)
    return try loop.run(
      count: sequences.training.count, monitor,
      step: { places, key in
        let batch = places.map { sequences.training[$0] }
        let loss = shards.train(batch, settings: settings, key: key)
        return TrainingLoop.Step(
          loss: loss, divisor: batch.reduce(0) { $0 + $1.acquisitions },
          samples: batch.reduce(0) { $0 + $1.stepCount },
          gradients: shards.gradients[..<shards.shardCount(of: batch.count)])
      }, changed: { model.network.prepare() }, validate: { validate() })
  }

  /// Metrics of the customers kept aside, on their last month.
  private func validate() -> [String: Double] {
    let items = model.network.dimensions.items
    var metrics = ValidationMetrics()
    for range in Parallel.chunks(of: sequences.validation.count, chunkSize: batchSize) {
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
