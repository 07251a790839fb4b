/// How to read interactions with their users and items.
public struct InteractionsImportOptions: Sendable {
  /// The share of rows, 0 to 1, that may be rejected before the import fails.
  public var maximumRejectedShare: Double
  /// The bytes read at a time; the dataset does not depend on it.
  var blockSize = 1 << 20

  /// Makes options.
  public init(maximumRejectedShare: Double = 0.001) {
    self.maximumRejectedShare = maximumRejectedShare
  }

  func validate() throws(ImportError) {
    guard (0...1).contains(maximumRejectedShare) else {
      throw .invalidOption(
        name: "the share of rejected rows", actual: String(maximumRejectedShare), range: "0 to 1")
    }
  }
}
