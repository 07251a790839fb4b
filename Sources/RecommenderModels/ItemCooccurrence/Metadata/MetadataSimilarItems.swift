public import InteractionData

/// Lists of the items most alike by metadata, of a catalogue that has grown since the training.
public struct MetadataSimilarItems {
  private let neighbours: MetadataNeighbours
  private let space: MetadataNeighbours.Space

  /// Prepares a catalogue; nil when nothing in it tells items apart.
  ///
  /// - Parameters:
  ///   - catalogue: the items.
  ///   - itemCounts: how many customers had each item: the order among items equally alike.
  ///     `[items]`
  ///   - neighbourLimit: the most items of a list.
  public init?(_ catalogue: ItemCatalogue, itemCounts: [UInt32], neighbourLimit: Int) {
    guard
      let neighbours = MetadataNeighbours(
        catalogue, itemCounts: itemCounts, neighbourLimit: neighbourLimit)
    else { return nil }
    self.neighbours = neighbours
    space = MetadataNeighbours.Space(neighbours)
  }

  /// The items most alike to one, best first.
  ///
  /// - Parameter item: the item.
  /// - Returns: its list; empty when nothing is known of it.
  public func list(of item: Int) -> SimilarItemList {
    var run = NeighbourRun()
    neighbours.append(item, to: &run, space)
    return SimilarItemList(
      item: item, neighbours: run.items, weights: run.weights, isByMetadata: true)
  }
}
