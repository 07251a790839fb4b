internal import InteractionData
internal import LinearAlgebra
internal import Synchronization

/// Finds the items most alike by metadata; among equals those had by more customers come first,
/// then the lower index.
///
/// Every number is a function of the catalogue and the customer counts alone, so the lists are the
/// same at any thread count.
struct MetadataNeighbours {
  private let similarity: MetadataSimilarity
  private let candidates: MetadataCandidates
  private let neighbourLimit: Int

  /// Prepares a catalogue; nil when nothing in it tells items apart.
  ///
  /// - Parameters:
  ///   - catalogue: the items.
  ///   - itemCounts: how many customers had each item. `[items]`
  ///   - neighbourLimit: the most neighbours an item gets.
  ///   - candidateLimit: see ``MetadataCandidates``.
  init?(
    _ catalogue: ItemCatalogue, itemCounts: [UInt32], neighbourLimit: Int,
    candidateLimit: Int = MetadataCandidates.candidateLimit
  ) {
    guard let similarity = MetadataSimilarity(catalogue) else { return nil }
    self.similarity = similarity
    self.neighbourLimit = neighbourLimit
    candidates = MetadataCandidates(
      similarity, itemCounts: itemCounts, limit: candidateLimit)
  }

  /// Room for one thread's search.
  final class Space {
    let best: BestKeys
    var seen: [Bool]

    init(_ neighbours: MetadataNeighbours) {
      best = BestKeys(limit: neighbours.neighbourLimit)
      seen = [Bool](repeating: false, count: neighbours.candidates.ranked.count)
    }
  }

  /// Appends an item's neighbours to a run of lists.
  func append(_ item: Int, to run: inout NeighbourRun, _ space: Space) {
    space.best.removeAll()
    if similarity.knows(item) {
      candidates.forEach(of: item, seen: &space.seen) { other in
        let weight = Float(similarity.weight(item, other))
        // The rank in place of the item: the more customers, the larger the key.
        let key = UInt64(weight.bitPattern) << 32 | UInt64(~candidates.ranks[other])
        if weight > 0 && key > space.best.threshold { space.best.add(key) }
      }
    }
    run.append(space.best) { candidates.ranked[Int($0)] }
  }

  /// The lists of some items; the others' are empty.
  ///
  /// - Parameters:
  ///   - isWanted: for each item whether its list is wanted. `[items]`
  ///   - threadCount: the threads to use.
  /// - Returns: one list an item.
  func lists(of isWanted: [Bool], threadCount: Int) -> NeighbourLists {
    let ranges = Parallel.chunks(of: isWanted.count, chunkSize: 1024)
    let results = Mutex([NeighbourRun?](repeating: nil, count: ranges.count))
    Parallel.forEach(count: ranges.count, threadCount: threadCount) { index in
      var run = NeighbourRun()
      let space = Space(self)
      for item in ranges[index] {
        if isWanted[item] { append(item, to: &run, space) } else { run.appendNothing() }
      }
      let made = run
      results.withLock { $0[index] = made }
    }
    return NeighbourRun.lists(results.withLock { $0.compactMap { $0 } })
  }
}
