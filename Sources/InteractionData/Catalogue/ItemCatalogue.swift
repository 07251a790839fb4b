public import TensorFiles

/// The items (a bank's products) and what is known of them.
public struct ItemCatalogue: Sendable {
  /// Item identifiers by index.
  public let identifiers: IdentifierTable
  /// Names to show, by index; the identifier where no name is known.
  public let names: [String]
  /// When each item came into the catalogue, in seconds since 1970; empty when unknown for all,
  /// `Int64.min` where unknown for one.
  public let creationTimes: Column<Int64>
  /// Further columns of the items file.
  public let attributes: AttributeTable

  /// Makes a catalogue.
  public init(
    identifiers: IdentifierTable, names: [String]? = nil, creationTimes: Column<Int64>? = nil,
    attributes: AttributeTable = AttributeTable()
  ) {
    self.identifiers = identifiers
    self.names = names ?? identifiers.all
    self.creationTimes = creationTimes ?? Column([])
    self.attributes = attributes
    precondition(
      self.names.count == identifiers.count, "\(self.names.count) names of \(identifiers.count)")
  }

  /// The number of items.
  public var count: Int { identifiers.count }
}
