internal import EventLog
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC

/// The catalogue at one moment: the dataset's items, and those put since, which have the indexes
/// after them.
final class CatalogueSnapshot: Sendable {
  /// The items put since, in order.
  let added: [StoredItem]
  /// All identifiers, by index.
  let itemIDs: [String]
  /// Names to show, by index.
  let names: [String]
  /// What answers of the ranking model refer to.
  let primary: AnswerCatalogue
  /// What answers from popularity refer to.
  let popularity: AnswerCatalogue
  /// What lists of similar items refer to.
  let similarity: AnswerCatalogue
  /// The items most alike to each that was put, in the order of ``added``.
  let similarToAdded: [SimilarItemList]
  private let datasetItems: IdentifierTable
  private let places: [String: Int]

  /// Makes a catalogue.
  ///
  /// - Throws: `RPCError` where an identifier cannot be sent.
  init(
    models: ServingModels, described: [Int: StoredItem], added: [StoredItem],
    similarToAdded: [SimilarItemList]
  ) throws(RPCError) {
    let items = models.dataset.items
    datasetItems = items.identifiers
    self.added = added
    self.similarToAdded = similarToAdded
    places = Dictionary(uniqueKeysWithValues: added.enumerated().map { ($1.itemID, $0) })
    itemIDs = items.identifiers.all + added.map(\.itemID)
    var names = items.names + added.map { $0.name.isEmpty ? $0.itemID : $0.name }
    for (index, item) in described where !item.name.isEmpty { names[index] = item.name }
    self.names = names
    let table = try ItemIDTable(itemIDs)
    primary = try AnswerCatalogue(items: table, modelVersion: models.primary.version)
    popularity = try AnswerCatalogue(items: table, modelVersion: models.popularity.version)
    similarity = try AnswerCatalogue(items: table, modelVersion: models.similarity?.version ?? "")
  }

  /// The number of items of the dataset.
  var datasetCount: Int { datasetItems.count }

  /// The index of an item; nil when it is unknown.
  func index(of identifier: UnsafeRawBufferPointer) -> Int? {
    if let index = datasetItems.index(of: identifier) { return index }
    if places.isEmpty { return nil }
    return places[String(decoding: identifier, as: UTF8.self)].map { datasetCount + $0 }
  }

  /// The index of an item; nil when it is unknown.
  func index(of identifier: String) -> Int? {
    datasetItems.index(of: identifier) ?? places[identifier].map { datasetCount + $0 }
  }
}
