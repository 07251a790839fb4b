internal import CRecommenderMessages

/// A decoded Recommend request. It points into the connection's decoding memory and is valid only
/// during the call it is passed to: copy what must outlive it.
public struct RecommendRequestView: ~Copyable {
  let message: TellerRecommendRequest

  init(_ message: TellerRecommendRequest) { self.message = message }

  /// The customer's identifier: 1 to 256 bytes of valid UTF-8 without NUL.
  public var userID: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: message.user_id, count: message.user_id_length)
  }

  /// How many products are wanted, 1 to 500.
  public var count: Int { Int(message.count) }

  /// How many products must not be answered, 0 to 500.
  public var excludedItemCount: Int { message.excluded_count }

  /// Identifier of an excluded product, `index` from 0 up to `excludedItemCount`: 1 to 256 bytes of
  /// valid UTF-8 without NUL. It may be unknown.
  public func excludedItemID(_ index: Int) -> UnsafeRawBufferPointer {
    precondition(
      index >= 0 && index < message.excluded_count,
      "excluded product \(index) of \(message.excluded_count)")
    guard let text = message.excluded_item_ids[index] else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return UnsafeRawBufferPointer(start: text, count: teller_text_length(text))
  }

  /// True when the caller wants no identifiers in the answer. The encoder sees to that.
  public var itemIndexesOnly: Bool { message.item_indexes_only }

  /// True when the caller wants `softmaxScores` in the answer.
  public var softmaxScores: Bool { message.softmax_scores }

  /// How much may be explored, 0 to 1; nil when the caller leaves it to the service.
  public var explorationWeight: Float? {
    message.has_exploration_weight ? message.exploration_weight : nil
  }
}

/// A decoded SimilarItems request, valid only during the call it is passed to.
public struct SimilarItemsRequestView: ~Copyable {
  let message: TellerSimilarItemsRequest

  init(_ message: TellerSimilarItemsRequest) { self.message = message }

  /// The product's identifier: 1 to 256 bytes of valid UTF-8 without NUL.
  public var itemID: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: message.item_id, count: message.item_id_length)
  }

  /// How many products are wanted, 1 to 500.
  public var count: Int { Int(message.count) }
}
