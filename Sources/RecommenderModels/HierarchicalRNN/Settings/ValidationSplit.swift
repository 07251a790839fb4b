/// What is held back while a network trains, to measure each epoch on.
public enum ValidationSplit: String, Codable, CaseIterable, Sendable {
  /// A share of the customers, on their newest month or event; the network never sees them.
  case customers
  /// Of a share of the customers the newest month, or without a panel the newest event; nobody's is
  /// trained on. It chooses the number of epochs, and the network is then trained on everything.
  case lastMonth = "last_month"
}

extension HRNNConfiguration {
  /// Whether the best epoch is chosen, rather than the last taken.
  var selectsEpoch: Bool { earlyStoppingPatience > 0 || validationSplit == .lastMonth }

  /// The settings for training on everything once the number of epochs is chosen.
  ///
  /// - Parameter share: what is kept aside all the same: events without a panel, because they tell
  ///   how much to trust the network.
  /// - Returns: the settings.
  func withoutSelection(keepingAside share: Double) -> HRNNConfiguration {
    var settings = self
    settings.earlyStoppingPatience = 0
    settings.validationSplit = .customers
    settings.validationShare = share
    return settings
  }
}
