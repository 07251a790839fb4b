/// A product to be put into the catalogue. Lengths are checked by the codec before a service sees it.
public struct PutItem: Equatable, Sendable {
  /// One thing that is known of a product.
  public struct Attribute: Equatable, Sendable {
    /// Its name, 1 to 64 bytes.
    public var key: String
    /// Its value, 1 to 256 bytes.
    public var value: String

    /// Makes an attribute.
    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// Names the product, 1 to 256 bytes.
  public var itemID: String
  /// The name to show, at most 256 bytes; empty for the identifier.
  public var name: String
  /// What kind of product it is, at most 256 bytes; empty when not said.
  public var category: String
  /// Its price, finite and not negative, in the caller's unit.
  public var price: Double?
  /// What else is known, at most 32.
  public var attributes: [Attribute]
  /// When it came into the catalogue, in milliseconds since 1970; 0 for the server's clock on
  /// arrival.
  public var createdMilliseconds: Int64

  /// Makes a product; what is not given is absent.
  public init(
    itemID: String, name: String = "", category: String = "", price: Double? = nil,
    attributes: [Attribute] = [], createdMilliseconds: Int64 = 0
  ) {
    self.itemID = itemID
    self.name = name
    self.category = category
    self.price = price
    self.attributes = attributes
    self.createdMilliseconds = createdMilliseconds
  }
}

/// What became of one product.
public enum PutItemOutcome: Equatable, Sendable {
  /// New, and stored durably, at this place of the catalogue.
  case created(itemIndex: UInt32)
  /// Was there at this place, and is described anew.
  case updated(itemIndex: UInt32)
  /// Not stored; the reason is at most 256 bytes (longer ones are cut).
  case rejected(reason: String)
}
