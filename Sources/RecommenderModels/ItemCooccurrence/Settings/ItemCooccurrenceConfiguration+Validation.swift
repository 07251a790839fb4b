extension ItemCooccurrenceConfiguration {
  /// Checks the ranges, and that settings which exclude each other are not both given.
  ///
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)``.
  public func validate() throws(ModelError) {
    try check("popularity_discount_factor", popularityDiscountFactor)
    try check("history_length_discount", historyLengthDiscount)
    try check("target_normalization", targetNormalization)
    guard Self.minimumCointeractionCountRange.contains(minimumCointeractionCount) else {
      throw .invalidSetting(
        name: "min_cointeraction_count", value: "\(minimumCointeractionCount)",
        expected: "from 0 to 10")
    }
    guard Self.neighbourLimitRange.contains(neighbourLimit) else {
      throw .invalidSetting(
        name: "neighbour_limit", value: "\(neighbourLimit)", expected: "from 1 to 1000")
    }
    try checkPercentiles(
      "user_history_length_percentile", minimumUserHistoryLengthPercentile,
      maximumUserHistoryLengthPercentile)
    try checkPercentiles(
      "item_interaction_count_percentile", minimumItemInteractionCountPercentile,
      maximumItemInteractionCountPercentile)
    try validateWeights()
  }

  private func validateWeights() throws(ModelError) {
    guard (0...Self.recencyHalfLifeDaysLimit).contains(recencyHalfLifeDays) else {
      throw .invalidSetting(
        name: "recency_half_life_days", value: "\(recencyHalfLifeDays)",
        expected: "from 0 (off) to \(Int(Self.recencyHalfLifeDaysLimit))")
    }
    for (name, weight) in eventWeights.sorted(by: { $0.key < $1.key })
    where !(0...Self.eventWeightLimit).contains(weight) {
      throw .invalidSetting(
        name: "event_weights", value: "\(name)=\(weight)",
        expected: "from 0 to \(Int(Self.eventWeightLimit)) each")
    }
    guard similarity == .cosine || (countsWholeInteractions && historyLengthDiscount == 0) else {
      throw .invalidSetting(
        name: "similarity", value: similarity.rawValue,
        expected: "cosine with history_length_discount, recency_half_life_days or event_weights: "
          + "the other measures count customers")
    }
  }

  private func check(_ name: String, _ value: Double) throws(ModelError) {
    guard (0...1).contains(value) else {
      throw .invalidSetting(name: name, value: "\(value)", expected: "from 0 to 1")
    }
  }

  private func checkPercentiles(
    _ name: String, _ minimum: Double, _ maximum: Double
  ) throws(ModelError) {
    try check("min_\(name)", minimum)
    try check("max_\(name)", maximum)
    guard minimum <= maximum else {
      throw .invalidSetting(
        name: "min_\(name)", value: "\(minimum)", expected: "at most max_\(name), \(maximum)")
    }
  }
}
