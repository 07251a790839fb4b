/// The settings of the hierarchical recurrent network, one name per hyper-parameter.
///
/// The defaults suit a bank of 100,000 customers or more with a year or two of months. Names that
/// Amazon Personalize's recipe has too (`hidden_dimension`, `bptt`, the percentiles) mean the same.
public struct HRNNConfiguration: Sendable, Codable, Equatable {
  /// Units of the user-level recurrent layer, 32...256; without a panel of the session-level one
  /// too.
  public var hiddenDimension = 64
  /// Units of the session-level recurrent layer on a panel, 8...256.
  public var sessionHiddenDimension = 32
  /// Numbers that describe an event inside a session, 8...256.
  public var embeddingDimension = 32
  /// Numbers that a customer's attributes are projected to, 4...256.
  public var attributeDimension = 32
  /// Whether customers' attributes are read, and without a panel what the catalogue tells of items.
  public var readsMetadata = true
  /// Recurrent layers: 2 with sessions (months, on a panel) under a user, 1 without, 1...2.
  public var levels = 2
  /// Where a customer's state enters a session, where there are two levels.
  public var userPropagation = UserPropagation.start
  /// The months that gradients flow back through on a panel, 2...32; scoring looks at as many.
  public var bptt = 32
  /// Passes over the customers, 1...1000.
  public var epochs = 8
  /// Customers in a step of the optimiser, 16...8192; fewer where an epoch would otherwise have
  /// less than 100 steps.
  public var batchSize = 512
  /// The highest learning rate of the schedule, above 0 and at most 1.
  public var learningRate = 3e-3
  /// AdamW's decoupled weight decay, 0...100; biases do not decay.
  public var weightDecay = 1e-3
  /// The longest gradient, as a Euclidean norm; longer ones are shortened to it. Above 0.
  public var gradientClip = 5.0
  /// The share of units left out while training, 0...0.9.
  public var dropout = 0.2
  /// Customers with shorter histories than this percentile are not trained on, 0...1.
  public var minUserHistoryLengthPercentile = 0.0
  /// Customers with longer histories than this percentile are not trained on, 0...1.
  public var maxUserHistoryLengthPercentile = 1.0
  /// Whether what is recent counts more. On a panel the loss of a step is weighed by
  /// 2^(-a / ``recencyHalfLifeMonths``), where `a` is the months between the month it predicts and
  /// the panel's last; without one the k-th newest event of a customer weighs 1/√k. Otherwise all
  /// count alike.
  public var recencyMask = false
  /// The months in which ``recencyMask`` halves a step's weight, 0.1...1000.
  public var recencyHalfLifeMonths = 12.0
  /// The share of customers kept aside to validate on, 0...0.5.
  public var validationShare = 0.02
  /// What is held back to measure each epoch on: `customers`, a share of them, or `last_month`, the
  /// newest month (event) of that share; with that the best epoch is chosen, and the network trained
  /// anew on everything for as many epochs of the same schedule.
  public var validationSplit = ValidationSplit.customers
  /// Training ends after this many epochs without improvement, and the best one's weights are kept,
  /// 0...1000; 0 for never.
  public var earlyStoppingPatience = 0
  /// Networks trained from different seeds whose scores are averaged, 1...16.
  public var seeds = 1
  /// The weight of the loss that ranks what is taken (softmax cross-entropy), 0...100.
  public var rankingLossWeight = 1.0
  /// The weight of the loss that states how likely each item is (binary cross-entropy), 0...100.
  public var hazardLossWeight = 1.0
  /// Without a panel: a pause of more than this many seconds ends a session, 1...31,536,000.
  public var sessionGapSeconds = 1800
  /// Without a panel: only this many of a customer's newest events are used, 2...1000.
  public var eventLimit = 200

  /// Without a panel: what training minimises.
  public var loss = SequenceLoss.automatic
  /// Without a panel: negatives drawn for a batch where the loss does not see the whole catalogue,
  /// 16...65,536.
  public var negativeSamples = 2048
  /// Without a panel: whether item-to-item transitions are mixed in.
  public var mixesTransitions = true

  /// The most networks whose scores are averaged.
  public static let seedLimit = 16

  /// Makes the default settings.
  public init() {}
}

/// Where a customer's state enters a session (section 3.2 of Quadrana et al. 2017).
public enum UserPropagation: String, Sendable, Codable, CaseIterable {
  /// At its start: the session's first state is made from it.
  case start = "init"
  /// At its start and at every event: it is an input of the session layer too.
  case all
}
