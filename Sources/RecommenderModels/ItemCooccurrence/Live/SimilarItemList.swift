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
}
