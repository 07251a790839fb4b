internal import Dispatch
internal import EventLog
internal import Exploration
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import Synchronization
internal import TensorFiles

/// The catalogue that grows while it serves.
///
/// What is put goes to disk on a queue of its own, one call after another; then the new catalogue is
/// handed to those who read it, and then the caller is told. A catalogue is never changed, only
/// replaced, so readers take no lock but to fetch it.
final class LiveCatalogue: @unchecked Sendable {
  /// The most items that can be put beside the dataset's. Import and train anew to make room.
  static let addedItemLimit = 512
  /// How far ahead of the server's clock an item's creation may be, in milliseconds.
  static let futureToleranceMilliseconds = FeedbackValidation.futureToleranceMilliseconds

  /// A new catalogue, the place of the first product that is new in it, and what to run when it is
  /// in force.
  typealias Publisher =
    @Sendable (CatalogueSnapshot, _ firstNewPlace: Int, _ done: @escaping @Sendable () -> Void) ->
    Void

  private let models: ServingModels
  private let store: any ItemStore
  private let priors: ColdPriors?
  private let neighbourLimit: Int
  private let queue = DispatchQueue(label: "catalogue")
  private let snapshot: Mutex<CatalogueSnapshot>
  // Touched on the queue only.
  private var described: [Int: StoredItem]
  private var added: [StoredItem]
  private let changes = Atomic<Int>(0)

  /// How many calls have changed it; read it when nothing is being put to know that all count.
  var putCount: Int { changes.load(ordering: .acquiring) }

  /// Reads what was put before.
  ///
  /// - Throws: ``ServiceError``.
  init(models: ServingModels, store: any ItemStore, priors: ColdPriors?) throws(ServiceError) {
    self.models = models
    self.store = store
    self.priors = priors
    neighbourLimit = RankedItemsAnswer.capacity
    var described: [Int: StoredItem] = [:]
    var added: [StoredItem] = []
    do throws(EventLogError) {
      for item in try store.all() {
        // An item that was put may be part of the dataset by now.
        if let index = models.dataset.items.identifiers.index(of: item.itemID) {
          described[index] = item
        } else {
          added.append(item)
        }
      }
    } catch {
      throw .eventLog(error)
    }
    self.described = described
    self.added = added
    do throws(RPCError) {
      snapshot = Mutex(
        try CatalogueSnapshot(
          models: models, described: described, added: added,
          similarToAdded: Self.similarToAdded(models, described, added, neighbourLimit)))
    } catch {
      throw .invalidName(error.message)
    }
  }

  /// The catalogue as it stands.
  var current: CatalogueSnapshot { snapshot.withLock { $0 } }

  /// The index of an item; nil when it is unknown. Takes a lock only for what was put since.
  func index(of identifier: String) -> Int? {
    models.dataset.items.identifiers.index(of: identifier) ?? current.index(of: identifier)
  }

  /// Puts products; see ``RecommenderMethods``.
  ///
  /// - Parameters:
  ///   - items: the products.
  ///   - now: the server's clock, in milliseconds since 1970.
  ///   - publish: puts a new catalogue in force and then runs what it is given.
  ///   - completion: the caller.
  func put(
    _ items: [PutItem], nowMilliseconds now: Int64, publish: @escaping Publisher,
    completion: PutItemsCompletion
  ) {
    queue.async { [self] in
      var change = Change(described: described, added: added)
      let outcomes = items.map { take($0, now, into: &change) }
      guard !change.touched.isEmpty else { return completion(.success(outcomes)) }
      let similar = Self.similarToAdded(models, change.described, change.added, neighbourLimit)
      for place in added.count..<change.added.count {
        change.added[place].prior = priors?.prior(like: similar[place]).values ?? []
      }
      let next: CatalogueSnapshot
      do throws(RPCError) {
        next = try CatalogueSnapshot(
          models: models, described: change.described, added: change.added,
          similarToAdded: similar)
      } catch {
        return completion(.failure(error))
      }
      do throws(EventLogError) {
        try store.put(change.stored(datasetCount: models.dataset.items.count))
      } catch {
        return completion(.failure(error.rpcError))
      }
      let firstNewPlace = added.count
      described = change.described
      added = change.added
      snapshot.withLock { $0 = next }
      changes.add(1, ordering: .releasing)
      publish(next, firstNewPlace) { completion(.success(outcomes)) }
    }
  }

  /// Waits for what was put so far to be on disk.
  func close() { queue.sync {} }

  /// The lists of the items that were put; empty ones where nothing tells items apart.
  private static func similarToAdded(
    _ models: ServingModels, _ described: [Int: StoredItem], _ added: [StoredItem],
    _ neighbourLimit: Int
  ) -> [SimilarItemList] {
    if added.isEmpty { return [] }
    let items = models.dataset.items
    let counts =
      (models.similarityRecommender?.itemCounts.array ?? [UInt32](repeating: 0, count: items.count))
      + [UInt32](repeating: 0, count: added.count)
    let similar = MetadataSimilarItems(
      GrownCatalogue.make(items, described: described, added: added), itemCounts: counts,
      neighbourLimit: neighbourLimit)
    return added.indices.map { place in
      similar?.list(of: items.count + place)
        ?? .empty(of: items.count + place)
    }
  }
}

// MARK: - One call

extension LiveCatalogue {
  /// What a call changes.
  private struct Change {
    var described: [Int: StoredItem]
    var added: [StoredItem]
    /// The indexes of items that are new or described anew.
    var touched: Set<Int> = []

    func stored(datasetCount: Int) -> [StoredItem] {
      touched.sorted().compactMap { index in
        index < datasetCount ? described[index] : added[index - datasetCount]
      }
    }
  }

  private func take(
    _ item: PutItem, _ now: Int64, into change: inout Change
  ) -> PutItemOutcome {
    if let reason = Self.fault(of: item, now) { return .rejected(reason: reason) }
    let datasetCount = models.dataset.items.count
    let index =
      models.dataset.items.identifiers.index(of: item.itemID)
      ?? change.added.firstIndex { $0.itemID == item.itemID }.map { datasetCount + $0 }
    var stored = StoredItem(
      itemID: item.itemID, name: item.name, category: item.category, price: item.price,
      attributes: Dictionary(
        uniqueKeysWithValues: item.attributes.map { ($0.key, $0.value) }),
      createdMilliseconds: item.createdMilliseconds == 0 ? now : item.createdMilliseconds)
    guard let index else {
      guard change.added.count < Self.addedItemLimit else {
        return .rejected(
          reason: "\(Self.addedItemLimit) products were put already, the limit; import the"
            + " catalogue and train anew")
      }
      change.added.append(stored)
      change.touched.insert(datasetCount + change.added.count - 1)
      return .created(itemIndex: UInt32(datasetCount + change.added.count - 1))
    }
    change.touched.insert(index)
    if index < datasetCount {
      change.described[index] = stored
    } else {
      // What was believed at first stays: it is where learning started from.
      let before = change.added[index - datasetCount]
      stored.prior = before.prior
      if item.createdMilliseconds == 0 { stored.createdMilliseconds = before.createdMilliseconds }
      change.added[index - datasetCount] = stored
    }
    return .updated(itemIndex: UInt32(index))
  }

  /// Why a product cannot be put; nil when it can.
  private static func fault(of item: PutItem, _ now: Int64) -> String? {
    guard item.createdMilliseconds <= now + futureToleranceMilliseconds else {
      return "created_time_ms is \(item.createdMilliseconds), more than a day after the server's"
        + " \(now)"
    }
    var keys: Set<String> = [GrownCatalogue.category, GrownCatalogue.price]
    for attribute in item.attributes where !keys.insert(attribute.key.uppercased()).inserted {
      return "attribute \"\(attribute.key)\" is named twice, or has a field of its own"
    }
    return nil
  }
}
