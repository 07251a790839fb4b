internal import InteractionData
internal import LinearAlgebra
internal import TensorFiles

/// The passes over the data that training any form of the network is made of.
struct TrainingLoop {
  /// What a form of the network computed for one batch.
  struct Step {
    /// The loss, not divided by anything.
    let loss: Double
    /// What the mean loss is per: acquisitions or events.
    let divisor: Int
    /// Customer-months or events of the batch.
    let samples: Int
    /// One a shard, in order.
    let gradients: ArraySlice<FloatBuffer>
    /// Which rows of the tables the gradients speak of; nil for all parameters.
    var rows: RowSelection?
  }

  let parameters: FloatBuffer
  let decayed: [Range<Int>]
  let settings: HRNNConfiguration
  let batchSize: Int
  let seed: UInt64
  let threadCount: Int

  /// An epoch has at least about this many steps, lest few customers mean hardly any learning.
  private static let leastSteps = 100
  /// Batches are not made smaller than this for it.
  private static let leastBatch = 32

  /// The customers of a batch: the setting, or fewer when there are few customers.
  static func batchSize(_ settings: HRNNConfiguration, count: Int) -> Int {
    min(settings.batchSize, max(leastBatch, count / leastSteps))
  }

  /// The customers of a shard: enough shards for eight threads, whatever the thread count.
  static func shardRows(batchSize: Int, limit: Int) -> Int {
    min(limit, max(16, (batchSize / 8 + 15) / 16 * 16))
  }

  /// Trains all epochs, or goes on with a training that was interrupted.
  ///
  /// - Parameters:
  ///   - count: the number of samples to shuffle.
  ///   - monitor: what keeps the time, reports, and keeps checkpoints.
  ///   - compute: computes loss and gradients of the samples at these places; its second argument is
  ///     what dropout depends on.
  ///   - changed: called after each change of the parameters.
  ///   - validate: the metrics after an epoch, unless the monitor has its own.
  /// - Returns: how it went.
  /// - Throws: ``ModelError/diverged(epoch:step:)``, ``ModelError/cancelled(epoch:step:)``,
  ///   ``ModelError/interrupted(epoch:step:checkpoint:)``, and what the checkpoint's file says.
  func run(
    count: Int, _ monitor: TrainingMonitor, step compute: (ArraySlice<Int>, UInt64) -> Step,
    changed: () -> Void, validate: () -> [String: Double]
  ) throws(ModelError) -> TrainingOutcome {
    let batches = Parallel.chunks(of: count, chunkSize: batchSize)
    let stepCount = settings.epochs * batches.count
    var state = State(
      monitor: monitor,
      optimiser: GradientStep(
        parameters, decayed: decayed, settings: settings, stepCount: stepCount))
    let stored = try state.begin(parameters)
    if stored != nil { changed() }
    if let outcome = stored?.outcome { return outcome }
    state.monitor.begin(epochCount: settings.epochs, stepCount: stepCount, sums: stored?.sums)
    var order = Array(0..<count)
    for epoch in 1...(monitor.epochLimit ?? settings.epochs) {
      var generator = SeededGenerator(seed: seed, stream: Stream.order + UInt64(epoch))
      // Each order comes of the one before: those of epochs that are over are made again.
      order.shuffle(using: &generator)
      let done = state.monitor.sums.step - (epoch - 1) * batches.count
      if done >= batches.count { continue }
      if done == 0 { state.monitor.beginEpoch(epoch) }
      for (number, range) in batches.enumerated().dropFirst(done) {
        try state.pause(parameters)
        let step = state.monitor.sums.step
        let key = SeededGenerator.word(seed: seed, stream: Stream.dropout + UInt64(step))
        let batch = compute(order[range], key)
        guard batch.loss.isFinite,
          state.optimiser.apply(
            step: step, gradients: batch.gradients, rows: batch.rows, threadCount: threadCount)
        else { throw .diverged(epoch: epoch, step: step + 1) }
        changed()
        state.monitor.record(
          loss: batch.loss, divisor: batch.divisor, samples: batch.samples,
          validation: number == batches.count - 1 ? monitor.validate?() ?? validate() : nil)
      }
      if settings.selectsEpoch && state.endsAfterEpoch(parameters, settings) { break }
    }
    return try finish(state, changed: changed)
  }

  private func finish(_ state: State, changed: () -> Void) throws(ModelError) -> TrainingOutcome {
    var outcome = state.monitor.outcome
    if !state.best.isEmpty {
      parameters.copy(state.best)
      changed()
      outcome.epochs = state.selection.bestEpoch
      outcome.validation = state.selection.bestValidation
    }
    guard parameters.isFinite else {
      throw .diverged(epoch: state.monitor.sums.epoch, step: state.monitor.sums.step)
    }
    state.monitor.keeper?.finish(outcome, state.monitor.sums, parameters)
    return outcome
  }

  /// All that a training goes on from, beside the parameters.
  private struct State {
    var monitor: TrainingMonitor
    var optimiser: GradientStep
    var selection = EpochSelection()
    /// The weights of the best epoch; empty when none is kept.
    var best = Column<Float>([])

    /// Takes over what an interrupted run had reached; nil where there is none.
    mutating func begin(
      _ parameters: FloatBuffer
    ) throws(ModelError) -> TrainingCheckpoint.Stage? {
      let stored = try monitor.keeper?.begin(parameters, &optimiser, &best)
      if let stored { selection = stored.selection }
      return stored
    }

    /// Between two steps: writes a checkpoint where one is due, and ends where that is asked for.
    func pause(_ parameters: FloatBuffer) throws(ModelError) {
      let isToEnd = monitor.isToEnd
      let (epoch, step) = (monitor.sums.epoch, monitor.sums.step)
      if let keeper = monitor.keeper, isToEnd || keeper.isDue {
        try keeper.write(monitor.sums, selection, parameters, optimiser, best: best)
        if isToEnd { throw .interrupted(epoch: epoch, step: step, checkpoint: keeper.path) }
      }
      if isToEnd { throw .cancelled(epoch: epoch, step: step) }
    }

    /// Keeps the weights of an epoch that is the best so far, and says whether it is the last.
    mutating func endsAfterEpoch(
      _ parameters: FloatBuffer, _ settings: HRNNConfiguration
    ) -> Bool {
      let epoch = monitor.sums.epoch
      if selection.add(epoch: epoch, validation: monitor.sums.validation) {
        best = parameters.column
      }
      return selection.isOver(epoch: epoch, patience: settings.earlyStoppingPatience)
    }
  }
}

extension SeededGenerator {
  /// The first random word of a stream.
  static func word(seed: UInt64, stream: UInt64) -> UInt64 {
    var generator = SeededGenerator(seed: seed, stream: stream)
    return generator.next()
  }
}
