internal import TensorFiles

/// Everything that is known of a bank's customers, items and their history.
///
/// Customers are ordered by identifier (numbers by value, then text by bytes), so that equal input
/// in any row order gives equal datasets.
public struct Dataset: Sendable {
  /// Customer identifiers by index.
  public let customers: IdentifierTable
  /// What is known of each customer, as of the last month imported.
  public let customerAttributes: AttributeTable
  /// The items.
  public let items: ItemCatalogue
  /// What customers did, grouped by customer.
  public let interactions: InteractionTable
  /// Who held what each month; nil when the catalogue is too large or the time too short for one.
  public let panel: HoldingsPanel?

  /// Makes a dataset from its parts.
  public init(
    customers: IdentifierTable, customerAttributes: AttributeTable = AttributeTable(),
    items: ItemCatalogue, interactions: InteractionTable, panel: HoldingsPanel?
  ) {
    precondition(
      interactions.offsets.count == customers.count + 1,
      "interactions of \(interactions.offsets.count - 1) customers, not \(customers.count)")
    precondition(
      panel == nil || panel?.offsets.count == customers.count + 1,
      "the panel is not of \(customers.count) customers")
    self.customers = customers
    self.customerAttributes = customerAttributes
    self.items = items
    self.interactions = interactions
    self.panel = panel
  }

  /// The history of a customer, valid as long as the dataset.
  public func history(of customer: Int) -> CustomerHistory {
    let events = interactions.rows(of: customer)
    var history = CustomerHistory(
      attributeIndex: customer,
      itemIndexes: interactions.itemIndexes.slice(events),
      timestamps: interactions.timestamps.slice(events),
      eventTypes: interactions.eventTypes.slice(events))
    if let panel {
      let rows = panel.rows(of: customer)
      history.monthIndexes = panel.monthIndexes.slice(rows)
      history.held = panel.held.slice(rows)
      history.flags = panel.flags.slice(rows)
    }
    return history
  }

  /// The moment up to which the dataset tells what happened, in seconds since 1970: its newest
  /// interaction, or the day of the last month's snapshot (the 28th) where nothing changed in it.
  /// `Int64.min` for an empty dataset.
  public var knownThrough: Int64 {
    let newest = interactions.timestamps.buffer.max() ?? .min
    guard let panel, panel.monthCount > 0 else { return newest }
    // Day 1 is not enough: the last row is the state at the snapshot, not at the month's start.
    return newest >= panel.lastMonth.secondsSince1970()
      ? newest : panel.lastMonth.secondsSince1970(day: 28)
  }

  /// The last month of the panel, or of the newest interaction; nil without either.
  public var lastMonth: Month? {
    if let panel { return panel.lastMonth }
    return interactions.timestamps.buffer.max().map { Month(secondsSince1970: $0) }
  }
}
