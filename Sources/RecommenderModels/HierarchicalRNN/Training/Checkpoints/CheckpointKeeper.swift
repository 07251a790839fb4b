internal import TensorFiles

/// Writes a training's checkpoints and hands back what an earlier run had reached.
final class CheckpointKeeper {
  private let plan: CheckpointPlan
  private let now: () -> Duration
  private var checkpoint: TrainingCheckpoint
  /// Stages that the file had finished, or had begun, when this run began.
  private let storedStageCount: Int
  private var written: Duration
  /// The stage under way, from 0.
  private var stage = -1

  /// Reads the file where the plan says so.
  ///
  /// - Throws: ``ModelError/noCheckpoint(path:)``,
  ///   ``ModelError/unusableCheckpoint(path:reason:)``,
  ///   ``ModelError/otherCheckpoint(path:difference:)``.
  init(
    _ plan: CheckpointPlan, configuration: HRNNConfiguration, seed: UInt64,
    now: @escaping () -> Duration
  ) throws(ModelError) {
    let identity = TrainingIdentity(
      datasetChecksum: plan.datasetChecksum, trainedThrough: plan.trainedThrough, seed: seed,
      configuration: configuration.values)
    if plan.resumes {
      checkpoint = try TrainingCheckpoint(path: plan.path)
      if let difference = checkpoint.identity.difference(from: identity) {
        throw .otherCheckpoint(path: plan.path, difference: difference)
      }
    } else {
      checkpoint = TrainingCheckpoint(identity: identity)
    }
    self.plan = plan
    self.now = now
    storedStageCount = checkpoint.stages.count
    written = now()
  }

  /// The file.
  var path: String { plan.path }

  /// Begins the next stage: puts the numbers an earlier run had reached in their places.
  ///
  /// - Returns: that stage; nil when no run had begun it.
  /// - Throws: ``ModelError/unusableCheckpoint(path:reason:)`` when the numbers are of another
  ///   network.
  func begin(
    _ parameters: FloatBuffer, _ optimiser: inout GradientStep, _ best: inout Column<Float>
  ) throws(ModelError) -> TrainingCheckpoint.Stage? {
    stage += 1
    guard stage < storedStageCount else { return nil }
    let numbers = checkpoint.numbers[stage]
    let stored = checkpoint.stages[stage]
    let isFinished = stored.outcome != nil
    let moments = isFinished ? 0 : parameters.count
    guard numbers.parameters.count == parameters.count, numbers.firstMoment.count == moments,
      numbers.secondMoment.count == moments,
      numbers.best.isEmpty || numbers.best.count == parameters.count
    else { throw .unusableCheckpoint(path: plan.path, reason: "it is of another network") }
    parameters.copy(numbers.parameters)
    best = numbers.best
    if !isFinished {
      optimiser.restore(
        firstMoment: numbers.firstMoment.array, secondMoment: numbers.secondMoment.array,
        step: stored.sums.step)
    }
    return stored
  }

  /// Whether it is time to write again.
  var isDue: Bool { now() - written >= plan.interval }

  /// Writes the stage under way.
  func write(
    _ sums: TrainingSums, _ selection: EpochSelection, _ parameters: FloatBuffer,
    _ optimiser: GradientStep, best: Column<Float>
  ) throws(ModelError) {
    let moments = optimiser.moments
    put(
      TrainingCheckpoint.Stage(sums: sums, selection: selection, outcome: nil),
      TrainingCheckpoint.Numbers(
        parameters: parameters.column, firstMoment: Column(moments.first),
        secondMoment: Column(moments.second), best: best))
    try checkpoint.write(path: plan.path)
    written = now()
  }

  /// Keeps what a finished stage has come to for the next write.
  func finish(_ outcome: TrainingOutcome, _ sums: TrainingSums, _ parameters: FloatBuffer) {
    put(
      TrainingCheckpoint.Stage(sums: sums, selection: EpochSelection(), outcome: outcome),
      TrainingCheckpoint.Numbers(parameters: parameters.column))
  }

  private func put(_ stored: TrainingCheckpoint.Stage, _ numbers: TrainingCheckpoint.Numbers) {
    checkpoint.stages = checkpoint.stages.prefix(stage) + [stored]
    checkpoint.numbers = checkpoint.numbers.prefix(stage) + [numbers]
  }
}

extension FloatBuffer {
  /// A copy of the numbers.
  var column: Column<Float> {
    Column(count: count) { $0.baseAddress?.update(from: base, count: count) }
  }

  /// Takes over numbers, as many as there are here.
  func copy(_ column: Column<Float>) {
    precondition(column.count == count, "\(column.count) numbers into \(count)")
    if let source = column.buffer.baseAddress { base.update(from: source, count: count) }
  }
}
