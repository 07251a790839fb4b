/// Keeps a training run's clock and sums, reports progress, and asks whether to go on.
struct TrainingMonitor {
  /// Where checkpoints go; nil when none are written.
  let keeper: CheckpointKeeper?
  /// The metrics after an epoch, in place of the network's own; nil for those.
  var validate: (() -> [String: Double])?
  /// The epochs after which training ends although the schedule goes on; nil for all of them.
  var epochLimit: Int?
  /// Which run of the loop this is, from 0.
  var stage = 0
  /// The runs there will be.
  var stageCount = 1

  private let now: () -> Duration
  private let progress: (TrainingProgress) -> Void
  private let isCancelled: () -> Bool
  private var start: Duration
  private var epochCount = 0
  private var stepCount = 0
  private(set) var sums = TrainingSums()

  init(
    now: @escaping () -> Duration, progress: @escaping (TrainingProgress) -> Void,
    isCancelled: @escaping () -> Bool, keeper: CheckpointKeeper? = nil
  ) {
    self.now = now
    self.progress = progress
    self.isCancelled = isCancelled
    self.keeper = keeper
    start = now()
  }

  /// Begins a run, or goes on with one.
  mutating func begin(epochCount: Int, stepCount: Int, sums: TrainingSums?) {
    self.epochCount = epochCount
    self.stepCount = stepCount / epochCount * (epochLimit ?? epochCount)
    self.sums = sums ?? TrainingSums()
    if let sums { start = now() - .seconds(sums.seconds) }
  }

  mutating func beginEpoch(_ epoch: Int) {
    sums.epoch = epoch
    sums.loss = 0
    sums.divisor = 0
  }

  /// Whether the caller asks for an end.
  var isToEnd: Bool { isCancelled() }

  /// Records a step of the optimiser.
  ///
  /// - Parameters:
  ///   - loss: the batch's loss, not divided by anything.
  ///   - divisor: what the mean loss is per.
  ///   - samples: customer-months or events of the batch.
  ///   - validation: the metrics after an epoch's last step.
  mutating func record(
    loss: Double, divisor: Int, samples: Int, validation: [String: Double]?
  ) {
    sums.step += 1
    sums.loss += loss
    sums.divisor += divisor
    sums.samples += samples
    let elapsed = now() - start
    sums.seconds =
      Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    if let validation { sums.validation = validation }
    let step = sums.step
    // Later stages are taken to have as many steps as this one.
    let stepsLeft = stepCount * (stageCount - stage) - step
    progress(
      TrainingProgress(
        stage: stage + 1, stageCount: stageCount, epoch: sums.epoch, epochCount: epochCount,
        step: step, stepCount: stepCount,
        loss: sums.meanLoss, validationMAP: sums.validation["map_at_7"],
        customerMonthsPerSecond: sums.speed,
        secondsLeft: sums.seconds * Double(stepsLeft) / Double(max(step, 1))))
  }

  var outcome: TrainingOutcome {
    TrainingOutcome(
      epochs: sums.epoch, seconds: sums.seconds, samplesPerSecond: sums.speed,
      loss: sums.meanLoss, validation: sums.validation)
  }
}

/// What a training run has added up.
struct TrainingSums: Codable, Equatable {
  /// The epoch under way, from 1.
  var epoch = 0
  /// The optimiser's steps made so far, over all epochs.
  var step = 0
  /// The loss since the epoch began, not divided by anything.
  var loss = 0.0
  /// What the mean loss is per, since the epoch began.
  var divisor = 0
  /// Customer-months or events since the training began.
  var samples = 0
  /// The time since the training began.
  var seconds = 0.0
  /// The metrics after the last epoch that was ended.
  var validation: [String: Double] = [:]

  var meanLoss: Double { loss / Double(max(divisor, 1)) }
  var speed: Double { seconds > 0 ? Double(samples) / seconds : 0 }
}

/// How a training run went.
struct TrainingOutcome: Codable, Equatable {
  var epochs: Int
  var seconds: Double
  var samplesPerSecond: Double
  var loss: Double
  var validation: [String: Double]
}
