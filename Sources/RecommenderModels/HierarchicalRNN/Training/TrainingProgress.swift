/// How far a training run is.
public struct TrainingProgress: Sendable, Equatable {
  /// The run of the training loop under way, from 1: one for each network, two where an epoch is
  /// chosen on the newest month first.
  public let stage: Int
  /// The runs there will be.
  public let stageCount: Int
  /// The epoch under way, from 1.
  public let epoch: Int
  /// The number of epochs.
  public let epochCount: Int
  /// The optimiser's steps made so far, over all epochs.
  public let step: Int
  /// The steps there will be in this run.
  public let stepCount: Int
  /// The mean loss per acquisition since the epoch began.
  public let loss: Double
  /// MAP@7 on what was kept aside, as of the last epoch that was ended; nil in the first.
  public let validationMAP: Double?
  /// Customer-months (events, without a panel) trained on per second since the start.
  public let customerMonthsPerSecond: Double
  /// The time the remaining steps will take at this speed.
  public let secondsLeft: Double
}

/// A trained model and how its training went.
public struct HRNNTrainingResult: Sendable {
  /// The model.
  public let model: HRNNRecommender
  /// The epochs trained: those of the best one, where it was chosen.
  public let epochs: Int
  /// How long it took, by the clock passed in.
  public let seconds: Double
  /// Customer-months (events, without a panel) trained on per second.
  public let customerMonthsPerSecond: Double
  /// The last epoch's mean loss per acquisition.
  public let loss: Double
  /// Metrics of the customers kept aside, on their last month (or event): `customers`, `adders`,
  /// `map_at_7`, `adders_map_at_7`, `recall_at_1`, `mrr`, and on a panel `log_loss`. Empty when
  /// none was kept aside.
  public let validation: [String: Double]
}
