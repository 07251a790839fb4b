public import InteractionData
internal import LinearAlgebra
public import TensorFiles

/// Ranks items by how readily customers who lack them take them, the same for everyone.
///
/// On a panel the score of item `i` for calendar month `c` is the probability that a non-holder
/// takes it: `(1 - s)·recent_i + s·season_i,c`, where `recent` is the add rate of the newest
/// months, `season` that of earlier months of the same calendar month, and `s` the seasonal share
/// (0 where no such month was seen). Rates are pulled towards the rate over all months. Counting
/// holders instead of additions would rank what everyone has, not what will be taken next.
///
/// Without a panel the score is the share of customers with a positive interaction.
public struct PopularityRecommender: Recommender {
  /// ``RecommenderKind/popularity``.
  public static let kind = RecommenderKind.popularity
  /// The settings, by the names of the manifest.
  public let configuration: [String: ConfigurationValue]
  /// Scores by calendar month, January first. `[12, items]`
  public let rates: Column<Float>
  /// The number of items.
  public let itemCount: Int

  /// The number of trained numbers.
  public var parameterCount: Int { rates.count }

  /// Probabilities: rates of taking the item, or shares of customers.
  public var scoreScale: ScoreScale { .probability }

  /// Counts a dataset.
  ///
  /// - Parameters:
  ///   - dataset: the history to count.
  ///   - configuration: the settings.
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)``,
  ///   ``ModelError/unsuitableDataset(kind:reason:)`` when there is no item.
  public init(
    trainedOn dataset: Dataset, configuration: PopularityConfiguration = .init()
  ) throws(ModelError) {
    try configuration.validate()
    guard dataset.items.count > 0 else {
      throw .unsuitableDataset(kind: .popularity, reason: "the catalogue is empty")
    }
    itemCount = dataset.items.count
    self.configuration = [
      "recent_months": .integer(configuration.recentMonths),
      "seasonal_share": .number(configuration.seasonalShare),
      "smoothing": .number(configuration.smoothing),
    ]
    guard dataset.interactions.count > 0 || (dataset.panel?.monthCount ?? 0) > 1 else {
      throw .unsuitableDataset(kind: .popularity, reason: "it holds no interaction up to then")
    }
    if let panel = dataset.panel, panel.monthCount > 1 {
      rates = Self.rates(panel, itemCount: itemCount, configuration)
    } else {
      rates = Self.shares(dataset)
    }
  }

  /// Reads a model from its tensors; see ``Recommender/init(file:configuration:)``.
  public init(
    file: SafetensorsFile, configuration: [String: ConfigurationValue]
  ) throws(ModelError) {
    do {
      rates = try file.column("rates", as: Float.self)
    } catch {
      throw .file(error)
    }
    guard let shape = file.tensors["rates"]?.shape, shape.count == 2, shape[0] == 12 else {
      throw .invalidSetting(name: "rates", value: "of another shape", expected: "[12, items]")
    }
    itemCount = shape[1]
    self.configuration = configuration
  }

  /// Adds the rates.
  public func write(into writer: inout SafetensorsWriter) {
    writer.add("rates", rates, shape: [12, itemCount])
  }

  /// Scores everyone alike.
  public func scorer(for dataset: Dataset, targetMonth: Month) -> any Scorer {
    let start = targetMonth.monthOfYear * itemCount
    return PopularityScorer(rates: Column(Array(rates.slice(start..<start + itemCount))))
  }

  private static func rates(
    _ panel: HoldingsPanel, itemCount: Int, _ configuration: PopularityConfiguration
  ) -> Column<Float> {
    let counts = AdditionRates(panel: panel, itemCount: itemCount)
    // Month 0 has no month before it, so nothing can be seen to be added in it.
    let all = Array(1..<panel.monthCount)
    let recent = Array(all.suffix(configuration.recentMonths))
    return Column(count: 12 * itemCount) { rates in
      for item in 0..<itemCount {
        let overall = counts.rate(item: item, months: all, prior: 0, smoothing: 1)
        let now = counts.rate(
          item: item, months: recent, prior: overall, smoothing: configuration.smoothing)
        for calendarMonth in 0..<12 {
          let same = all.filter { panel.firstMonth.advanced(by: $0).monthOfYear == calendarMonth }
          let share = same.isEmpty ? 0 : configuration.seasonalShare
          let season = counts.rate(
            item: item, months: same, prior: overall, smoothing: configuration.smoothing)
          rates[calendarMonth * itemCount + item] = Float((1 - share) * now + share * season)
        }
      }
    }
  }

  private static func shares(_ dataset: Dataset) -> Column<Float> {
    let sets = CustomerItemSets(dataset)
    var counts = [Int](repeating: 0, count: dataset.items.count)
    for item in sets.items { counts[Int(item)] += 1 }
    let customers = Float(max(dataset.customers.count, 1))
    let itemCount = dataset.items.count
    return Column(count: 12 * itemCount) { rates in
      for index in 0..<rates.count { rates[index] = Float(counts[index % itemCount]) / customers }
    }
  }
}

/// Writes the same row for every customer.
private struct PopularityScorer: Scorer {
  let rates: Column<Float>

  var batchLimit: Int { 4096 }

  func score(_ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    precondition(scores.count == histories.count * rates.count, "\(scores.count) scores")
    for index in 0..<histories.count {
      _ = scores.extracting(index * rates.count..<(index + 1) * rates.count)
        .update(fromContentsOf: rates.buffer)
    }
  }
}
