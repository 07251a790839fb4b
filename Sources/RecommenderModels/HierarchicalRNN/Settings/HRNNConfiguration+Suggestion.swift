public import InteractionData

extension HRNNConfiguration {
  /// Below this many customers ``suggested(customers:)`` takes a small network.
  public static let smallCustomerCount = 30_000

  /// From this many customers on, ``suggested(customers:)`` makes do with fewer epochs.
  public static let largeCustomerCount = 300_000

  /// Settings to start from for a panel of this many customers.
  ///
  /// The fewer customers, the faster weights decay: what few customers do by chance is memorised
  /// within an epoch or two. Small banks get a small network too, of which half is left out while
  /// training, and three of them are averaged. Banks of middle size still gain from half as many
  /// epochs again.
  ///
  /// - Parameter customers: how many there are.
  /// - Returns: the settings.
  public static func suggested(customers: Int) -> HRNNConfiguration {
    var settings = HRNNConfiguration()
    settings.weightDecay = min(3, 15_000 / Double(max(customers, 1)))
    if customers < smallCustomerCount {
      settings.hiddenDimension = 32
      settings.sessionHiddenDimension = 8
      settings.embeddingDimension = 8
      settings.attributeDimension = 8
      settings.dropout = 0.5
      settings.seeds = 3
    } else if customers < largeCustomerCount {
      settings.epochs = 12
    }
    return settings
  }

  /// From this many events on ``suggested(forEventsOf:)`` takes half as many epochs.
  public static let largeEventCount = 500_000

  /// Settings to start from for events without a panel.
  ///
  /// Sequences are many items seen a few times each: a wide layer, strong dropout, and more steps
  /// than a panel takes.
  ///
  /// - Parameter dataset: the events.
  /// - Returns: the settings.
  public static func suggested(forEventsOf dataset: Dataset) -> HRNNConfiguration {
    var settings = HRNNConfiguration()
    settings.hiddenDimension = 128
    settings.embeddingDimension = 64
    settings.dropout = 0.4
    settings.epochs = dataset.interactions.count < largeEventCount ? 16 : 8
    settings.batchSize = 256
    settings.weightDecay = 0.01
    return settings
  }
}
