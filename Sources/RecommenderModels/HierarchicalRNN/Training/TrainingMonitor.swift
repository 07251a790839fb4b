/// Keeps a training run's clock and sums, reports progress, and asks whether to go on.
struct TrainingMonitor {
  private let now: () -> Duration
  private let progress: (TrainingProgress) -> Void
  private let isCancelled: () -> Bool
  private let start: Duration
  private var epochCount = 0
  private var stepCount = 0
  private var epoch = 0
  private var lossSum = 0.0
  private var divisorSum = 0
  private var samples = 0
  private var seconds = 0.0
  private var validation: [String: Double] = [:]

  init(
    now: @escaping () -> Duration, progress: @escaping (TrainingProgress) -> Void,
    isCancelled: @escaping () -> Bool
  ) {
    self.now = now
    self.progress = progress
    self.isCancelled = isCancelled
    start = now()
  }

  mutating func begin(epochCount: Int, stepCount: Int) {
    self.epochCount = epochCount
    self.stepCount = stepCount
  }

  mutating func beginEpoch(_ epoch: Int) {
    self.epoch = epoch
    lossSum = 0
    divisorSum = 0
  }

  func checkCancelled(step: Int) throws(ModelError) {
    if isCancelled() { throw .cancelled(epoch: epoch, step: step) }
  }

  /// Records a step of the optimiser.
  ///
  /// - Parameters:
  ///   - step: the steps made so far.
  ///   - loss: the batch's loss, not divided by anything.
  ///   - divisor: what the mean loss is per.
  ///   - samples: customer-months or events of the batch.
  ///   - validation: the metrics after an epoch's last step.
  mutating func record(
    step: Int, loss: Double, divisor: Int, samples: Int, validation: [String: Double]?
  ) {
    lossSum += loss
    divisorSum += divisor
    self.samples += samples
    let elapsed = now() - start
    seconds =
      Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    if let validation { self.validation = validation }
    progress(
      TrainingProgress(
        epoch: epoch, epochCount: epochCount, step: step, stepCount: stepCount, loss: meanLoss,
        validationMAP: validation?["map_at_7"], customerMonthsPerSecond: speed,
        secondsLeft: seconds * Double(stepCount - step) / Double(max(step, 1))))
  }

  private var meanLoss: Double { lossSum / Double(max(divisorSum, 1)) }
  private var speed: Double { seconds > 0 ? Double(samples) / seconds : 0 }

  var outcome: TrainingOutcome {
    TrainingOutcome(
      epochs: epoch, seconds: seconds, samplesPerSecond: speed, loss: meanLoss,
      validation: validation)
  }
}

/// How a training run went.
struct TrainingOutcome {
  let epochs: Int
  let seconds: Double
  let samplesPerSecond: Double
  let loss: Double
  let validation: [String: Double]
}
