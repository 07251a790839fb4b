internal import InteractionData
internal import LinearAlgebra

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

  /// Trains all epochs.
  ///
  /// - Parameters:
  ///   - count: the number of samples to shuffle.
  ///   - monitor: what keeps the time and reports.
  ///   - compute: computes loss and gradients of the samples at these places; its second argument is
  ///     what dropout depends on.
  ///   - changed: called after each change of the parameters.
  ///   - validate: the metrics after an epoch.
  /// - Returns: how it went.
  /// - Throws: ``ModelError/diverged(epoch:step:)``, ``ModelError/cancelled(epoch:step:)``.
  func run(
    count: Int, _ monitor: TrainingMonitor, step compute: (ArraySlice<Int>, UInt64) -> Step,
    changed: () -> Void, validate: () -> [String: Double]
  ) throws(ModelError) -> TrainingOutcome {
    var order = Array(0..<count)
    let batches = Parallel.chunks(of: count, chunkSize: batchSize)
    let stepCount = settings.epochs * batches.count
    var monitor = monitor
    monitor.begin(epochCount: settings.epochs, stepCount: stepCount)
    var optimiser = GradientStep(
      parameters, decayed: decayed, settings: settings, stepCount: stepCount)
    var step = 0
    for epoch in 1...settings.epochs {
      var generator = SeededGenerator(seed: seed, stream: Stream.order + UInt64(epoch))
      order.shuffle(using: &generator)
      monitor.beginEpoch(epoch)
      for (number, range) in batches.enumerated() {
        try monitor.checkCancelled(step: step)
        let key = SeededGenerator.word(seed: seed, stream: Stream.dropout + UInt64(step))
        let batch = compute(order[range], key)
        guard batch.loss.isFinite,
          optimiser.apply(
            step: step, gradients: batch.gradients, rows: batch.rows, threadCount: threadCount)
        else { throw .diverged(epoch: epoch, step: step + 1) }
        changed()
        step += 1
        monitor.record(
          step: step, loss: batch.loss, divisor: batch.divisor, samples: batch.samples,
          validation: number == batches.count - 1 ? validate() : nil)
      }
    }
    guard parameters.isFinite else { throw .diverged(epoch: settings.epochs, step: step) }
    return monitor.outcome
  }
}

extension SeededGenerator {
  /// The first random word of a stream.
  static func word(seed: UInt64, stream: UInt64) -> UInt64 {
    var generator = SeededGenerator(seed: seed, stream: stream)
    return generator.next()
  }
}
