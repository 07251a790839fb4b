internal import InteractionData

/// Whom and what a load's events name.
struct FeedbackPopulation {
  private static let knownLimit = 400
  private static let newCount = 40

  /// Customers of the dataset, and some that it does not know.
  let customers: [String]
  /// All products of the dataset.
  let items: [String]

  /// Reads a dataset.
  ///
  /// - Parameter datasetFolder: where it is.
  /// - Throws: what opening it throws.
  init(datasetFolder: String) throws {
    let dataset = try DatasetFile.open(datasetFolder, verifyingChecksums: false).dataset
    customers =
      (0..<min(dataset.customers.count, Self.knownLimit)).map { dataset.customers[$0] }
      + (0..<Self.newCount).map { "new customer \($0)" }
    items = dataset.items.identifiers.all
  }
}
