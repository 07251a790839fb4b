internal import InteractionData
internal import LinearAlgebra

/// Runs batches of sequences through a panel network, shard by shard on several threads.
///
/// A batch is cut into shards of a fixed number of rows whatever the thread count, each with its
/// own gradient: sums are taken in shard order, so that they are the same at any thread count.
final class PanelShards: @unchecked Sendable {
  let network: PanelNetwork
  /// One a shard of the largest batch.
  let gradients: [FloatBuffer]
  private let panel: HoldingsPanel
  private let encoder: AttributeEncoder
  private let itemMask: UInt64
  private let pool: WorkspacePool<PanelWorkspace>
  private let threadCount: Int
  private let shardRows: Int

  init(
    _ model: PanelModel, panel: HoldingsPanel, attributes: AttributeTable, batchSize: Int,
    stepLimit: Int, threadCount: Int
  ) {
    network = model.network
    self.panel = panel
    encoder = AttributeEncoder(model.encoding, table: attributes)
    itemMask = PanelSequences.itemMask(model.network.dimensions.items)
    pool = WorkspacePool { model.makeWorkspace(stepLimit: stepLimit, training: true) }
    self.threadCount = threadCount
    let rows = TrainingLoop.shardRows(batchSize: batchSize, limit: PanelModel.shardRows)
    shardRows = rows
    let shards = (batchSize + rows - 1) / rows
    let size = network.layout.arenaCount
    gradients = (0..<shards).map { _ in FloatBuffer(count: size) }
  }

  /// The number of shards a batch is cut into.
  func shardCount(of batchCount: Int) -> Int { (batchCount + shardRows - 1) / shardRows }

  /// Calls `body` for each shard with its number and a workspace filled with its sequences, in
  /// falling order of their number of steps.
  func forEach(
    _ batch: [PanelSequence],
    _ body: @Sendable (Int, ArraySlice<PanelSequence>, PanelWorkspace) -> Void
  ) {
    // Long ones first: shards of equal lengths waste nothing.
    let ordered = batch.enumerated().sorted {
      ($1.element.stepCount, $0.offset) < ($0.element.stepCount, $1.offset)
    }.map(\.element)
    let ranges = Parallel.chunks(of: ordered.count, chunkSize: shardRows)
    Parallel.forEach(count: ranges.count, threadCount: threadCount) { shard in
      pool.withWorkspace { space in
        let sequences = ordered[ranges[shard]]
        load(sequences, into: space)
        body(shard, sequences, space)
      }
    }
  }

  private func load(_ sequences: ArraySlice<PanelSequence>, into space: PanelWorkspace) {
    space.begin(stepCounts: sequences.map(\.stepCount))
    for (row, sequence) in sequences.enumerated() {
      encoder.encode(
        sequence.customer, into: space.attributes.base + row * encoder.width)
      space.load(
        sequence.walk(panel, itemMask: itemMask), row: row,
        firstMonthNumber: panel.firstMonth.number)
    }
    space.listEvents()
  }

  /// Computes the gradient of one batch, one part a shard in ``gradients``.
  ///
  /// - Parameters:
  ///   - batch: the sequences.
  ///   - settings: dropout and the losses' weights.
  ///   - key: what dropout depends on.
  /// - Returns: the loss, not divided by anything.
  func train(_ batch: [PanelSequence], settings: HRNNConfiguration, key: UInt64) -> Double {
    let acquisitions = batch.reduce(0) { $0 + $1.acquisitions }
    let plan = LossPlan(
      rankingWeight: Float(settings.rankingLossWeight),
      hazardWeight: Float(settings.hazardLossWeight), scale: 1 / Float(max(acquisitions, 1)),
      monthWeights: settings.recencyMask
        ? LossPlan.recencyWeights(
          monthCount: panel.monthCount, halfLife: settings.recencyHalfLifeMonths) : [])
    let share = Float(settings.dropout)
    let losses = ShardResults<Double>(count: gradients.count, initial: 0)
    forEach(batch) { shard, _, space in
      let dropout = DropoutPlan(share: share, key: key &+ UInt64(shard) &* 0x9e37_79b9_7f4a_7c15)
      let gradient = self.gradients[shard]
      gradient.zero()
      self.network.forward(space, dropout: dropout)
      losses[shard] = self.network.decode(space, dropout: dropout, plan: plan)
      self.network.backward(space, dropout: dropout, into: gradient)
    }
    return losses.values.reduce(0, +)
  }
}

/// One result a shard, each written by that shard alone.
final class ShardResults<Value>: @unchecked Sendable {
  private let buffer: UnsafeMutableBufferPointer<Value>

  init(count: Int, initial: Value) {
    buffer = .allocate(capacity: count)
    buffer.initialize(repeating: initial)
  }

  deinit {
    buffer.deinitialize()
    buffer.deallocate()
  }

  subscript(shard: Int) -> Value {
    get { buffer[shard] }
    set { buffer[shard] = newValue }
  }

  var values: [Value] { Array(buffer) }
}
