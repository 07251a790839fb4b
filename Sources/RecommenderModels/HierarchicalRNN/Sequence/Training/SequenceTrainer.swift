internal import Foundation
internal import InteractionData
internal import LinearAlgebra

/// Trains a sequence network, and finds how to mix it with item-to-item transitions.
struct SequenceTrainer {
  let model: SequenceModel
  private let dataset: Dataset
  private let samples: SequenceSamples
  private let seed: UInt64
  private let threadCount: Int
  private let batchSize: Int
  private let shards: SequenceShards
  private let loss: SequenceLoss
  private let sampler: NegativeSampler
  private let active: ActiveItems
  private let gradients: [SequenceGradient]

  /// Prepares the training of a dataset.
  ///
  /// - Throws: ``ModelError/unsuitableDataset(kind:reason:)`` when nothing can be learned from it.
  init(
    dataset: Dataset, settings: HRNNConfiguration, seed: UInt64, threadCount: Int
  ) throws(ModelError) {
    let items = dataset.items.count
    try SequenceModel.check(itemCount: items)
    let walk = SequenceModel.walk(dataset, settings)
    let samples = try SequenceSamples(dataset, walk, settings: settings, seed: seed)
    let encoding = AttributeEncoding(ofCustomers: dataset, settings)
    let network = SequenceNetwork(
      SequenceModel.dimensions(items: items, encoding: encoding, settings: settings),
      itemFeatures: settings.readsMetadata
        ? ItemFeatures(dataset.items, counts: samples.counts) : nil)
    network.randomise(seed: seed)
    let model = SequenceModel(network: network, encoding: encoding, settings: settings)
    Self.startBiases(network, samples.counts)
    self.model = model
    self.dataset = dataset
    self.samples = samples
    self.seed = seed
    self.threadCount = threadCount
    loss = settings.loss.resolved(items: items)
    sampler = NegativeSampler(counts: samples.counts)
    active = ActiveItems(network.dimensions)
    batchSize = TrainingLoop.batchSize(settings, count: samples.training.count)
    let rows = TrainingLoop.shardRows(batchSize: batchSize, limit: SequenceModel.shardRows)
    gradients = (0..<(batchSize + rows - 1) / rows).map { _ in SequenceGradient() }
    shards = SequenceShards(
      model, dataset, rows: rows,
      stepLimit: (samples.training + samples.validation).reduce(1) { max($0, $1.steps) },
      threadCount: threadCount)
  }

  /// Output biases start at the log of the items' shares, so that training begins at popularity.
  private static func startBiases(_ network: SequenceNetwork, _ counts: [Double]) {
    let total = counts.reduce(0, +) + Double(counts.count)
    let bias = network.parameters.pointer(network.layout.outputBias)
    for (item, count) in counts.enumerated() {
      bias[item] = Float(log((count + 1) / total * Double(counts.count)))
    }
  }

  /// Trains all epochs.
  func run(_ monitor: TrainingMonitor) throws(ModelError) -> TrainingOutcome {
    let network = model.network
    let loop = TrainingLoop(
      parameters: network.parameters, decayed: network.layout.decayedRanges,
      settings: model.settings, batchSize: batchSize, seed: seed, threadCount: threadCount)
    let mixes = model.settings.mixesTransitions
    if mixes {
      model.transitions.mixture = TransitionMixture(counter(of: samples), threadCount: threadCount)
    }
    var monitor = monitor
    if let measure = monitor.validate {
      monitor.validate = {
        network.refreshCatalogue()
        return measure()
      }
    }
    let validation = SequenceValidation(model, shards, samples.validation, batchSize: batchSize)
    let outcome = try loop.run(
      count: samples.training.count, monitor,
      step: { places, key in train(places.map { samples.training[$0] }, key: key) },
      changed: { normaliseActive() },
      validate: {
        network.refreshCatalogue()
        return validation.measure()
      })
    network.refreshCatalogue()
    if mixes {
      validation.fit()
      // The weights are known: what was kept aside may speak too.
      let weights = model.transitions.mixture.weights
      model.transitions.mixture = TransitionMixture(counter(of: nil), threadCount: threadCount)
      model.transitions.mixture.weights = weights
    }
    return outcome
  }

  /// Counts what follows what: in what may be learned from, or in everything.
  private func counter(of samples: SequenceSamples?) -> TransitionCounter {
    let walk = model.walk(dataset)
    var events: [SequenceEvent] = []
    func items(_ customer: Int, _ count: Int?) -> [UInt32] {
      walk.collect(dataset.history(of: customer), into: &events)
      return events.prefix(count ?? events.count).map(\.item)
    }
    let sequences =
      samples.map { $0.training.map { items($0.customer, $0.steps + 1) } }
      ?? (0..<dataset.customers.count).map { items($0, nil) }
    return TransitionCounter(sequences, itemCount: model.network.dimensions.items)
  }

  /// Embeddings that a step changed get their length of 1 back.
  private func normaliseActive() {
    let items = active.items
    var first = 0
    while first < items.count {
      var end = first + 1
      while end < items.count && items[end] == items[end - 1] + 1 { end += 1 }
      let start = Int(items[first])
      model.network.normaliseEmbeddings(of: start..<start + end - first)
      first = end
    }
  }

  private func train(_ batch: [SequenceSamples.Sample], key: UInt64) -> TrainingLoop.Step {
    let shards = shards.collect(batch, recencyMask: model.settings.recencyMask)
    let events = shards.reduce(0) { $0 + $1.eventCount }
    choose(shards, events: events, key: key)
    let selection = model.network.layout.selection(of: active.items)
    let weight = shards.reduce(0.0) { $0 + $1.weight }
    let pass = SequencePass(
      loss: loss, dropout: DropoutPlan(share: Float(model.settings.dropout), key: key),
      scale: Float(1 / max(weight, 1e-9)), bptt: model.settings.bptt)
    let losses = ShardResults<Double>(count: shards.count, initial: 0)
    let (network, gradients, active) = (model.network, gradients, active)
    self.shards.forEach(shards, places: active) { shard, space in
      var pass = pass
      pass.dropout.key &+= UInt64(shard) &* 0x9e37_79b9_7f4a_7c15
      gradients[shard].begin(selection)
      network.forward(space, active.rows, dropout: pass.dropout)
      losses[shard] = network.decodeAndBackward(space, active.rows, pass, into: gradients[shard])
      active.backward(network, gradients[shard])
    }
    return TrainingLoop.Step(
      loss: losses.values.reduce(0, +), divisor: events, samples: events,
      gradients: gradients.prefix(shards.count).map(\.buffer)[...], rows: selection)
  }

  /// Chooses the items that a batch's softmax is over, and fetches their rows.
  private func choose(_ shards: [SequenceShard], events: Int, key: UInt64) {
    if loss == .softmax || model.settings.negativeSamples >= model.network.dimensions.items {
      active.selectAll()
      active.fetch(from: model.network)
      return
    }
    let negatives = model.settings.negativeSamples
    var generator = SeededGenerator(seed: key, stream: Stream.negatives)
    let drawn = sampler.draw(negatives, using: &generator)
    active.select([drawn, shards.flatMap(\.items)].joined())
    guard loss == .sampledSoftmax else {
      active.fetch(from: model.network)
      return
    }
    active.fetch(from: model.network) { [sampler, active] place in
      sampler.correction(of: active.items[place], negatives: negatives, events: events)
    }
  }
}

extension Stream {
  static let negatives: UInt64 = 4 << 32
}
