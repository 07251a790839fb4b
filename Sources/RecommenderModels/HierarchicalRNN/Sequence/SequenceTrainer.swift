internal import Foundation
internal import InteractionData
internal import LinearAlgebra
internal import TensorFiles

/// Trains a sequence network.
struct SequenceTrainer {
  let model: SequenceModel
  private let dataset: Dataset
  private let seed: UInt64
  private let threadCount: Int
  private let batchSize: Int
  private let shardRows: Int
  /// Customers to train on, with their numbers of steps.
  private var training: [(customer: Int, steps: Int)] = []
  /// Customers kept aside: their last event is predicted from those before.
  private var validation: [(customer: Int, steps: Int)] = []
  private let gradients: [FloatBuffer]
  private let pool: WorkspacePool<SequenceWorkspace>

  /// Prepares the training of a dataset.
  ///
  /// - Throws: ``ModelError/unsuitableDataset(kind:reason:)`` when nothing can be learned from it.
  init(
    dataset: Dataset, settings: HRNNConfiguration, seed: UInt64, threadCount: Int
  ) throws(ModelError) {
    let items = dataset.items.count
    guard (1...SequenceModel.itemLimit).contains(items) else {
      throw .unsuitableDataset(
        kind: .hrnn, reason: "\(items) items, it can have 1 to \(SequenceModel.itemLimit)")
    }
    let network = SequenceNetwork(SequenceModel.dimensions(items: items, settings: settings))
    network.randomise(seed: seed)
    let model = SequenceModel(network: network, settings: settings)
    self.model = model
    self.dataset = dataset
    self.seed = seed
    self.threadCount = threadCount
    let walk = model.walk(dataset.interactions)
    var events: [SequenceEvent] = []
    var counts = [Double](repeating: 0, count: items)
    var generator = SeededGenerator(seed: seed, stream: Stream.split)
    for customer in 0..<dataset.customers.count {
      walk.collect(dataset.history(of: customer), into: &events)
      if events.count < 2 { continue }
      if generator.nextUnitDouble() < settings.validationShare {
        validation.append((customer, events.count - 1))
      } else {
        training.append((customer, events.count - 1))
        for event in events { counts[Int(event.item)] += 1 }
      }
    }
    training = Self.withinPercentiles(training, settings)
    guard !training.isEmpty else {
      throw .unsuitableDataset(
        kind: .hrnn, reason: "no customer has two events that speak for an item")
    }
    Self.startBiases(network, counts)
    batchSize = TrainingLoop.batchSize(settings, count: training.count)
    let rows = TrainingLoop.shardRows(batchSize: batchSize, limit: SequenceModel.shardRows)
    shardRows = rows
    gradients = (0..<(batchSize + rows - 1) / rows).map { _ in
      FloatBuffer(count: network.layout.arenaCount)
    }
    let steps = (training + validation).reduce(1) { max($0, $1.steps) }
    pool = WorkspacePool {
      SequenceWorkspace(network.dimensions, rowLimit: rows, stepLimit: steps, training: true)
    }
  }

  /// Output biases start at the log of the items' shares, so that training begins at popularity.
  private static func startBiases(_ network: SequenceNetwork, _ counts: [Double]) {
    let total = counts.reduce(0, +) + Double(counts.count)
    let bias = network.parameters.pointer(network.layout.outputBias)
    for (item, count) in counts.enumerated() {
      bias[item] = Float(log((count + 1) / total * Double(counts.count)))
    }
  }

  private static func withinPercentiles(
    _ customers: [(customer: Int, steps: Int)], _ settings: HRNNConfiguration
  ) -> [(customer: Int, steps: Int)] {
    let low = settings.minUserHistoryLengthPercentile
    let high = settings.maxUserHistoryLengthPercentile
    if customers.isEmpty || (low <= 0 && high >= 1) { return customers }
    let lengths = customers.map(\.steps).sorted()
    let least = lengths[Int(low * Double(lengths.count - 1))]
    let most = lengths[Int((high * Double(lengths.count - 1)).rounded(.up))]
    return customers.filter { (least...most).contains($0.steps) }
  }

  /// Trains all epochs.
  func run(_ monitor: TrainingMonitor) throws(ModelError) -> TrainingOutcome {
    let loop = TrainingLoop(
      parameters: model.network.parameters, decayed: model.network.layout.decayedRanges,
      settings: model.settings, batchSize: batchSize, seed: seed, threadCount: threadCount)
    return try loop.run(
      count: training.count, monitor,
      step: { places, key in train(places.map { training[$0] }, key: key) }, changed: {},
      validate: { validate() })
  }

  private func train(_ batch: [(customer: Int, steps: Int)], key: UInt64) -> TrainingLoop.Step {
    let events = batch.reduce(0) { $0 + $1.steps }
    let scale = 1 / Float(max(events, 1))
    let share = Float(model.settings.dropout)
    let losses = ShardResults<Double>(count: gradients.count, initial: 0)
    let (network, gradients) = (model.network, gradients)
    forEach(batch) { shard, _, space in
      let dropout = DropoutPlan(share: share, key: key &+ UInt64(shard) &* 0x9e37_79b9_7f4a_7c15)
      gradients[shard].zero()
      network.forward(space, dropout: dropout)
      losses[shard] = network.decodeAndBackward(
        space, dropout: dropout, scale: scale, into: gradients[shard])
    }
    return TrainingLoop.Step(
      loss: losses.values.reduce(0, +), divisor: events, samples: events,
      gradients: gradients[..<((batch.count + shardRows - 1) / shardRows)])
  }

  /// Calls `body` for each shard with its number, its customers' numbers of steps and a workspace
  /// filled with all of their events but the last.
  private func forEach(
    _ batch: [(customer: Int, steps: Int)],
    _ body: @Sendable (Int, [(customer: Int, steps: Int)], SequenceWorkspace) -> Void
  ) {
    let ordered = batch.enumerated().sorted {
      ($1.element.steps, $0.offset) < ($0.element.steps, $1.offset)
    }.map(\.element)
    let ranges = Parallel.chunks(of: ordered.count, chunkSize: shardRows)
    let (pool, dataset) = (pool, dataset)
    let walk = model.walk(dataset.interactions)
    Parallel.forEach(count: ranges.count, threadCount: threadCount) { shard in
      pool.withWorkspace { space in
        let customers = Array(ordered[ranges[shard]])
        space.begin(stepCounts: customers.map(\.steps))
        var events: [SequenceEvent] = []
        for (row, customer) in customers.enumerated() {
          walk.collect(dataset.history(of: customer.customer), into: &events)
          for (step, event) in events.dropLast().enumerated() {
            space.events[space.shape.stepOffsets[step] + row] = event
          }
        }
        space.listOpenings()
        body(shard, customers, space)
      }
    }
  }

  /// Metrics of the customers kept aside, on their last event; items seen before are left out.
  private func validate() -> [String: Double] {
    var metrics = NextEventMetrics()
    let network = model.network
    for range in Parallel.chunks(of: validation.count, chunkSize: batchSize) {
      let ranks = ShardResults<[Int]>(count: gradients.count, initial: [])
      forEach(Array(validation[range])) { shard, customers, space in
        network.forward(space)
        var found = [Int](repeating: 0, count: customers.count)
        network.decodeLast(space, stepCounts: customers.map(\.steps)) { row, logits in
          let offsets = space.shape.stepOffsets
          let steps = customers[row].steps
          let target = space.events[offsets[steps - 1] + row].next
          let seen = Set((0..<steps).map { space.events[offsets[$0] + row].item })
          let best = logits[Int(target)]
          var rank = 1
          for item in 0..<network.dimensions.items
          where logits[item] > best && !seen.contains(UInt32(item)) {
            rank += 1
          }
          found[row] = rank
        }
        ranks[shard] = found
      }
      for rank in ranks.values.joined() { metrics.add(rank: rank) }
    }
    return metrics.values
  }
}
