/// A product that was put into the catalogue while serving.
public struct StoredItem: Sendable, Equatable {
  /// Names the product.
  public var itemID: String
  /// The name to show; empty for the identifier.
  public var name: String
  /// What kind of product it is; empty when not said.
  public var category: String
  /// Its price.
  public var price: Double?
  /// What else is known, by name.
  public var attributes: [String: String]
  /// When it came into the catalogue, in milliseconds since 1970.
  public var createdMilliseconds: Int64
  /// What was believed of its appeal then: the bias and the weights of a prior, which stays as it
  /// was whatever is learned or said of other products afterwards. Empty for a product of the
  /// dataset.
  public var prior: [Double]

  /// Makes a product.
  public init(
    itemID: String, name: String = "", category: String = "", price: Double? = nil,
    attributes: [String: String] = [:], createdMilliseconds: Int64, prior: [Double] = []
  ) {
    self.itemID = itemID
    self.name = name
    self.category = category
    self.price = price
    self.attributes = attributes
    self.createdMilliseconds = createdMilliseconds
    self.prior = prior
  }
}

/// A durable list of the products that were put into the catalogue.
public protocol ItemStore: Sendable {
  /// Stores products; when it returns, they are on disk. One that is there is replaced, and keeps
  /// its place.
  ///
  /// - Parameter items: the products.
  /// - Throws: ``EventLogError``; then nothing has changed.
  func put(_ items: [StoredItem]) throws(EventLogError)

  /// Every product, in the order they were first put.
  ///
  /// - Returns: the products.
  /// - Throws: ``EventLogError``.
  func all() throws(EventLogError) -> [StoredItem]
}
