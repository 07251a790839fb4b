public import InteractionData

extension HRNNConfiguration {
  /// Below this many customers ``suggested(customers:)`` regularises strongly.
  public static let smallCustomerCount = 30_000

  /// Settings to start from for a panel of this many customers.
  ///
  /// Few customers are memorised within an epoch or two: for them weights decay three thousand
  /// times as fast and half of the units are left out.
  public static func suggested(customers: Int) -> HRNNConfiguration {
    var settings = HRNNConfiguration()
    if customers < smallCustomerCount {
      settings.weightDecay = 3
      settings.dropout = 0.5
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
