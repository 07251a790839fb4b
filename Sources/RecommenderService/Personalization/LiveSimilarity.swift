internal import EventLog
internal import InteractionData
internal import RecommenderModels
internal import Synchronization

/// Keeps lists of similar items up to date with what customers accept.
///
/// Like ``LivePersonalization``, used by one thread at a time: by the starting thread while the log
/// is replayed, afterwards by the event log's thread alone. With each commit at most
/// ``commitListLimit`` stale lists are made anew, which is all of them for catalogues of up to 64
/// items; the others follow while nothing waits to be written. The thread that answers gets whole
/// lists, so readers take no lock.
final class LiveSimilarity: @unchecked Sendable {
  /// Puts lists in force.
  typealias Publisher = @Sendable ([SimilarItemList]) -> Void

  /// The most lists made anew before a caller is told, and at a time afterwards.
  static let commitListLimit = 64

  private let lists: LiveItemSimilarity
  private let items: IdentifierTable
  private let firstNewCustomer: Int
  private var newCustomers: [String: Int] = [:]
  /// What was counted, in order, to be counted again from a checkpoint. Bounded like the pairs.
  private var counted: [(item: UInt32, customer: UInt32)] = []
  private let publisher = Mutex<Publisher?>(nil)

  private init(_ lists: LiveItemSimilarity, _ dataset: Dataset) {
    self.lists = lists
    items = dataset.items.identifiers
    firstNewCustomer = dataset.customers.count
  }

  /// Makes one for the similarity model; nil, and perhaps why, when lists stay as trained.
  static func make(_ models: ServingModels) -> (similarity: LiveSimilarity?, reason: String?) {
    guard let model = models.similarity, let recommender = models.similarityRecommender else {
      return (nil, nil)
    }
    if let checksum = models.datasetChecksum, checksum != model.manifest.datasetChecksum {
      return (
        nil, "\(model.version) was trained on another dataset; train it anew with 'teller train'"
      )
    }
    do throws(ModelError) {
      let lists = try LiveItemSimilarity(recommender, dataset: models.dataset)
      return (LiveSimilarity(lists, models.dataset), nil)
    } catch {
      return (nil, error.description)
    }
  }

  /// Counts an event that ``LivePersonalization`` took in.
  ///
  /// Only taking an item counts: giving it up later does not undo that the customer had it. What a
  /// session takes before log-in counts when it has joined its customer, not before.
  func record(_ event: Event, of customer: LivePersonalization.CustomerKey) {
    let isAnonymous =
      event.userID == event.sessionID && customer == .new(event.userID)
    guard event.kind == .accepted, !isAnonymous, let item = items.index(of: event.itemID) else {
      return
    }
    record(item: item, of: customer)
  }

  /// Counts that a customer had an item.
  func record(item: Int, of customer: LivePersonalization.CustomerKey) {
    record(item: item, number: number(of: customer))
  }

  private func record(item: Int, number: Int) {
    guard lists.record(item: item, customer: number) else { return }
    counted.append((UInt32(item), UInt32(number)))
  }

  // MARK: As bytes

  func write(to writer: inout StateWriter) {
    writer.append(count: newCustomers.count)
    for (identifier, _) in newCustomers.sorted(by: { $0.value < $1.value }) {
      writer.append(identifier)
    }
    writer.append(count: counted.count)
    for (item, customer) in counted {
      writer.append(item)
      writer.append(customer)
    }
  }

  func read(from reader: inout StateReader) throws(StateReader.Damaged) {
    for _ in 0..<(try reader.count()) { _ = number(of: .new(try reader.text())) }
    for _ in 0..<(try reader.count()) {
      let item = try reader.index(below: items.count)
      record(item: item, number: try reader.index(below: firstNewCustomer + newCustomers.count))
    }
  }

  /// Makes stale lists anew.
  func rebuild(listLimit: Int = LiveSimilarity.commitListLimit) -> [SimilarItemList] {
    lists.rebuild(listLimit: listLimit)
  }

  /// Whom lists made anew while nothing waits are handed to.
  func setPublisher(_ publish: @escaping Publisher) { publisher.withLock { $0 = publish } }

  /// Makes a few stale lists anew and publishes them; whether more are stale.
  func continueWhenIdle() -> Bool {
    guard lists.staleCount > 0, let publish = publisher.withLock({ $0 }) else { return false }
    publish(rebuild())
    return lists.staleCount > 0
  }

  private func number(of customer: LivePersonalization.CustomerKey) -> Int {
    switch customer {
    case .known(let index): return index
    case .new(let identifier):
      if let number = newCustomers[identifier] { return number }
      // LivePersonalization bounds how many there are.
      let number = firstNewCustomer + newCustomers.count
      newCustomers[identifier] = number
      return number
    }
  }
}
