internal import NIOCore
internal import Synchronization

@testable internal import RecommenderRPC

/// Methods whose answers can be told from each other: the score of the first product is a hash of
/// the customer, and products count up from it.
final class EchoMethods: RecommenderMethods {
  static let itemCount = 1000

  let catalogue: AnswerCatalogue
  var calls = 0
  /// Set: Recommend and SimilarItems fail with it.
  var failure: RPCError?
  /// Feedback not answered yet, when `holdsFeedback`.
  var held: [(events: [FeedbackEvent], completion: FeedbackCompletion)] = []
  var holdsFeedback = false
  private let decoder = FeedbackDecoder()
  /// Called inside Recommend.
  var onRecommend: () -> Void = {}
  /// The customers told of ahead, call by call.
  var anticipated: [[String]] = []

  init() throws {
    let items = try ItemIDTable((0..<Self.itemCount).map { "item-\($0)" })
    catalogue = try AnswerCatalogue(items: items, modelVersion: "echo-1")
  }

  static func hash(_ bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
  }

  /// What a client must see as first index for a customer.
  static func firstIndex(_ user: String) -> UInt32 { hash(user.utf8) % UInt32(itemCount) }

  func anticipate(_ userIDs: UnsafeBufferPointer<UnsafeRawBufferPointer>) {
    anticipated.append(userIDs.map { String(decoding: $0, as: UTF8.self) })
  }

  func recommend(
    _ request: borrowing RecommendRequestView, into answer: inout RankedItemsAnswer
  ) throws(RPCError) {
    calls += 1
    onRecommend()
    if let failure { throw failure }
    answer.catalogue = catalogue
    answer.source = .model
    let first = Self.hash(request.userID) % UInt32(Self.itemCount)
    // Not a loop over a range: without optimisation that allocates.
    var place: UInt32 = 0
    while place < UInt32(request.count) {
      answer.append(
        itemIndex: (first + place) % UInt32(Self.itemCount), score: 1 / Float(place + 1))
      place += 1
    }
    answer.setRecommendationID(high: UInt64(first), low: 0xABCD)
  }

  func similarItems(
    _ request: borrowing SimilarItemsRequestView, into answer: inout RankedItemsAnswer
  ) throws(RPCError) {
    calls += 1
    if let failure { throw failure }
    answer.catalogue = catalogue
    answer.source = .popularity
    answer.append(itemIndex: UInt32(request.itemID.count), score: Float(request.count))
  }

  func feedback(_ request: FeedbackRequest, completion: FeedbackCompletion) {
    let events: [FeedbackEvent]
    do throws(RPCError) {
      events = try request.events(by: decoder)
    } catch {
      return completion(.failure(error))
    }
    calls += 1
    if holdsFeedback {
      held.append((events, completion))
    } else {
      completion(.success(events.map { _ in .accepted }))
    }
  }

  func putItems(_ items: [PutItem], completion: PutItemsCompletion) {
    calls += 1
    completion(.success(items.indices.map { .created(itemIndex: UInt32(Self.itemCount + $0)) }))
  }

  func health() -> HealthAnswer { HealthAnswer(status: .serving, modelVersion: "echo-1") }

  func describe() -> DescribeAnswer {
    DescribeAnswer(
      serverVersion: "0.0-test", itemIDs: (0..<Self.itemCount).map { "item-\($0)" },
      itemNames: (0..<Self.itemCount).map { "Item \($0)" },
      models: [
        ModelDescription(
          kind: "echo", version: "echo-1", trainedThrough: "2016-05", parameters: 0)
      ], customers: 3)
  }
}

/// A clock that moves only when told.
final class TestClock: Sendable {
  private let nanoseconds = Atomic<UInt64>(1_000_000_000)
  func advance(_ amount: TimeAmount) {
    nanoseconds.wrappingAdd(UInt64(amount.nanoseconds), ordering: .relaxed)
  }
  var now: NIODeadline { .uptimeNanoseconds(nanoseconds.load(ordering: .relaxed)) }
}
