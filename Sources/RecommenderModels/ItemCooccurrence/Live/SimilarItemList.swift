/// The items similar to one, best first.
public struct SimilarItemList: Sendable, Equatable {
  /// The item they are similar to.
  public let item: Int
  /// The similar items.
  public let neighbours: [UInt32]
  /// Their similarities.
  public let weights: [Float]
  /// Whether they are alike by metadata, because nothing was counted with the item.
  public let isByMetadata: Bool

  /// The list of an item that nothing is known to be like.
  public static func empty(of item: Int) -> SimilarItemList {
    SimilarItemList(item: item, neighbours: [], weights: [], isByMetadata: true)
  }
}
