internal import CRecommenderMessages

/// What answers refer to instead of carrying it: the catalogue's identifiers and the version of the
/// model. Made once per loaded model; the table may be shared between models.
public final class AnswerCatalogue: Sendable {
  /// The identifiers that item indexes point at.
  public let items: ItemIDTable
  /// Version of the model, as answers name it.
  public let modelVersion: String
  nonisolated(unsafe) let modelVersionBytes: UnsafeMutableBufferPointer<CChar>

  /// Names the model version once for all its answers.
  ///
  /// Throws `invalidArgument` when the version is longer than 256 bytes or holds a NUL.
  public init(items: ItemIDTable, modelVersion: String) throws(RPCError) {
    let length = modelVersion.utf8.count
    guard length <= MessageLimits.maxIDBytes, !modelVersion.utf8.contains(0) else {
      throw RPCError(
        code: .invalidArgument,
        message: "a model version of \(length) bytes: it must be at most"
          + " \(MessageLimits.maxIDBytes) bytes without NUL")
    }
    self.items = items
    self.modelVersion = modelVersion
    modelVersionBytes = .allocate(capacity: length)
    _ = modelVersionBytes.initialize(
      fromContentsOf: modelVersion.utf8.map { CChar(bitPattern: $0) })
  }

  deinit { modelVersionBytes.deallocate() }
}

/// Where recommended products come from.
public enum RecommendationSource: UInt32, Sendable, CaseIterable {
  /// Not said.
  case unspecified = 0
  /// The model.
  case model = 1
  /// Popularity, because the model does not know the customer or the product.
  case popularity = 2
  /// Likeness of what is known of the products, because too few customers had them together.
  case metadata = 3
}

/// The answer to Recommend or SimilarItems, in buffers that are reused for every request.
///
/// The service gets it empty and fills it: `catalogue`, `source`, the products by `append` (or by
/// writing `itemIndexes` and `scores` and setting `count`), and for Recommend an identifier.
public struct RankedItemsAnswer: ~Copyable {
  /// Places for products: the largest `count` a request may ask for.
  public static let capacity = MessageLimits.maxCount
  /// Bytes of a recommendation's identifier.
  public static let recommendationIDByteCount = 32

  /// Indexes into `catalogue.items`, best first; the first `count` are sent.
  public let itemIndexes: UnsafeMutableBufferPointer<UInt32>
  /// Scores parallel to `itemIndexes`; the first `count` are sent.
  public let scores: UnsafeMutableBufferPointer<Float>
  /// Shares of the customer's whole catalogue, parallel to `itemIndexes`; the first `count` are
  /// sent when `hasSoftmaxScores` is set.
  public let softmaxScores: UnsafeMutableBufferPointer<Float>
  /// Whether `softmaxScores` are of this answer.
  public var hasSoftmaxScores = false
  /// The probability with which each product was shown in its place, parallel to `itemIndexes`; the
  /// first `count` are sent when `hasPropensities` is set.
  public let propensities: UnsafeMutableBufferPointer<Float>
  /// Whether `propensities` are of this answer.
  public var hasPropensities = false
  /// Whether the last product is there to be tried.
  public var explored = false
  /// The products that could have been answered; kept on record, not sent.
  public var candidateCount = 0
  /// Number of products answered, 0 to 500. May be less than the request's `count`, never more.
  public var count = 0
  /// What the indexes point at. An answer without one is an internal error.
  public var catalogue: AnswerCatalogue?
  /// Where the products come from.
  public var source = RecommendationSource.unspecified

  let recommendationID: UnsafeMutableRawBufferPointer
  private(set) var hasRecommendationID = false

  /// Makes the buffers; done once for each event loop.
  public init() {
    itemIndexes = .allocate(capacity: Self.capacity)
    scores = .allocate(capacity: Self.capacity)
    softmaxScores = .allocate(capacity: Self.capacity)
    propensities = .allocate(capacity: Self.capacity)
    recommendationID = .allocate(byteCount: Self.recommendationIDByteCount, alignment: 8)
    itemIndexes.initialize(repeating: 0)
    scores.initialize(repeating: 0)
    softmaxScores.initialize(repeating: 0)
    propensities.initialize(repeating: 0)
    recommendationID.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit {
    itemIndexes.deallocate()
    scores.deallocate()
    softmaxScores.deallocate()
    propensities.deallocate()
    recommendationID.deallocate()
  }

  /// Empties the answer. The catalogue stays: it is usually the same for the next one.
  public mutating func clear() {
    count = 0
    candidateCount = 0
    source = .unspecified
    hasRecommendationID = false
    hasSoftmaxScores = false
    hasPropensities = false
    explored = false
  }

  /// Adds one product at the end.
  public mutating func append(itemIndex: UInt32, score: Float) {
    precondition(count < Self.capacity, "an answer holds at most \(Self.capacity) products")
    itemIndexes[count] = itemIndex
    scores[count] = score
    count += 1
  }

  /// Names the answer by 128 bits, sent as 32 hexadecimal digits, the high half first.
  public mutating func setRecommendationID(high: UInt64, low: UInt64) {
    for index in 0..<16 {
      let shift = UInt64(60 - 4 * index)
      recommendationID[index] = Self.hexDigit(high >> shift)
      recommendationID[16 + index] = Self.hexDigit(low >> shift)
    }
    hasRecommendationID = true
  }

  /// Names the answer by exactly 32 bytes of ASCII.
  public mutating func setRecommendationID(_ ascii: UnsafeRawBufferPointer) {
    precondition(
      ascii.count == Self.recommendationIDByteCount && ascii.allSatisfy { $0 > 0 && $0 < 0x80 },
      "a recommendation's identifier is 32 bytes of ASCII, not \(ascii.count) bytes")
    recommendationID.copyMemory(from: ascii)
    hasRecommendationID = true
  }

  private static func hexDigit(_ value: UInt64) -> UInt8 {
    let digit = UInt8(truncatingIfNeeded: value & 0xF)
    return digit < 10 ? 0x30 + digit : 0x57 + digit
  }
}
