public import EventLog
public import InteractionData
internal import RecommenderModels
internal import TensorFiles

/// A dataset with what the event log tells beyond it, to train on.
///
/// What customers took and gave up since the import goes into their histories the way it does while
/// serving: into the holdings of the dataset's last month, and as events after all others, each item
/// once. So a model is trained on what it will be asked about. Customers whom the dataset does not
/// know, and products that were put since, are left to the next import; what was shown, clicked and
/// dismissed changes no history.
public enum FeedbackTraining {
  /// A dataset, and what went into it.
  public struct Extended: Sendable {
    /// The dataset.
    public let dataset: Dataset
    /// The customers whose histories are longer.
    public let customerCount: Int
    /// The last event of the log that was read; 0 for an empty log.
    public let through: Int64
  }

  /// Reads the whole log.
  ///
  /// - Parameters:
  ///   - dataset: the dataset the bank imported.
  ///   - store: the event log.
  /// - Returns: the dataset with feedback.
  /// - Throws: ``ServiceError``.
  public static func extend(
    _ dataset: Dataset, by store: any EventStore
  ) throws(ServiceError) -> Extended {
    guard let lastMonth = dataset.lastMonth else { throw .emptyDataset }
    let live: LivePersonalization
    do throws(ModelError) {
      // Nobody is scored: any model will do.
      let recommender = try PopularityRecommender(trainedOn: dataset)
      let target = lastMonth.advanced(by: 1)
      let table = ScoreTable(
        dataset: dataset, scorer: recommender.scorer(for: dataset, targetMonth: target),
        byteLimit: 0)
      live = LivePersonalization(
        dataset: dataset,
        scorer: LiveScorer(
          recommender: recommender, dataset: dataset, targetMonth: target, table: table))
    } catch {
      throw .model(error)
    }
    var through: Int64 = 0
    do throws(EventLogError) {
      try store.forEach(after: 0) { sequence, event in
        through = sequence
        _ = live.apply(event)
      }
    } catch {
      throw .eventLog(error)
    }
    return extend(dataset, by: live, through: through)
  }

  private static func extend(
    _ dataset: Dataset, by live: LivePersonalization, through: Int64
  ) -> Extended {
    var rows = HistoryRows()
    var count = 0
    for customer in 0..<dataset.customers.count {
      let range = dataset.interactions.rows(of: customer)
      let values = dataset.interactions.values
      let imported = values.isEmpty ? [] : Array(values.slice(range))
      if let known = live.customers[.known(customer)], !known.history.liveEntries.isEmpty {
        count += 1
        known.history.withHistory { rows.append($0, values: imported) }
      } else {
        rows.append(dataset.history(of: customer), values: imported)
      }
    }
    return Extended(dataset: rows.dataset(like: dataset), customerCount: count, through: through)
  }
}

/// The histories of customers, one after another.
private struct HistoryRows {
  private var monthOffsets: [UInt32] = [0]
  private var monthIndexes: [UInt8] = []
  private var held: [UInt64] = []
  private var flags: [UInt8] = []
  private var eventOffsets: [UInt32] = [0]
  private var itemIndexes: [UInt32] = []
  private var timestamps: [Int64] = []
  private var eventTypes: [UInt8] = []
  private var values: [Float] = []

  /// Appends a customer's; events beyond those with a value have none.
  mutating func append(_ history: CustomerHistory, values known: [Float]) {
    monthIndexes += history.monthIndexes
    held += history.held
    flags += history.flags
    monthOffsets.append(UInt32(held.count))
    itemIndexes += history.itemIndexes
    timestamps += history.timestamps
    eventTypes += history.eventTypes
    eventOffsets.append(UInt32(itemIndexes.count))
    values += known
    values += repeatElement(.nan, count: itemIndexes.count - values.count)
  }

  func dataset(like dataset: Dataset) -> Dataset {
    let interactions = InteractionTable(
      offsets: Column(eventOffsets), itemIndexes: Column(itemIndexes),
      timestamps: Column(timestamps), eventTypes: Column(eventTypes),
      values: dataset.interactions.values.isEmpty ? Column([]) : Column(values),
      eventTypeNames: dataset.interactions.eventTypeNames)
    let panel = dataset.panel.map {
      HoldingsPanel(
        firstMonth: $0.firstMonth, monthCount: $0.monthCount, offsets: Column(monthOffsets),
        monthIndexes: Column(monthIndexes), held: Column(held), flags: Column(flags))
    }
    return Dataset(
      customers: dataset.customers, customerAttributes: dataset.customerAttributes,
      items: dataset.items, interactions: interactions, panel: panel)
  }
}
