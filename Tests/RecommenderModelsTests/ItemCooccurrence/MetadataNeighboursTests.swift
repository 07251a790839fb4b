internal import Foundation
internal import InteractionData
internal import TensorFiles
internal import TestSupport
internal import Testing

@testable internal import RecommenderModels

struct MetadataNeighboursTests {
  private func catalogue(_ columns: AttributeColumn..., itemCount: Int) -> ItemCatalogue {
    ItemCatalogue(
      identifiers: IdentifierTable((0..<itemCount).map { "i\($0)" }),
      attributes: AttributeTable(columns: columns))
  }

  private func lists(
    _ catalogue: ItemCatalogue, counts: [UInt32], limit: Int = 100,
    candidateLimit: Int = MetadataCandidates.candidateLimit, threads: Int = 1
  ) throws -> NeighbourLists {
    let neighbours = try #require(
      MetadataNeighbours(
        catalogue, itemCounts: counts, neighbourLimit: limit, candidateLimit: candidateLimit))
    return neighbours.lists(
      of: [Bool](repeating: true, count: catalogue.count), threadCount: threads)
  }

  private func list(_ lists: NeighbourLists, _ item: Int) -> [(UInt32, Float)] {
    lists.range(of: item).map { (lists.neighbours[$0], lists.weights[$0]) }
  }

  /// Of four items with genres three are drama, two comedy, and one each war and noir.
  @Test func categoriesMatchByTheirWeightedShare() throws {
    let genres = DatasetFixture.categories(
      "GENRES", ["Drama|War", "Drama", " Comedy | Drama|", "Comedy|Noir", nil])
    let similarity = try #require(MetadataSimilarity(catalogue(genres, itemCount: 5)))
    let drama = log(4.0 / 3)
    let comedy = log(2.0)
    let rare = log(4.0)
    #expect(abs(similarity.weight(0, 1) - drama / (drama + rare)) < 1e-12)
    #expect(abs(similarity.weight(1, 0) - drama / (drama + rare)) < 1e-12)
    #expect(abs(similarity.weight(2, 3) - comedy / (comedy + drama + rare)) < 1e-12)
    #expect(similarity.weight(0, 3) == 0)
    #expect(similarity.weight(1, 1) == 1)
    // Of item 4 nothing is known: it is like nothing, and nothing is like it.
    #expect(similarity.weight(4, 0) == 0 && similarity.weight(0, 4) == 0)
    #expect(!similarity.knows(4) && similarity.knows(0))
  }

  /// 1, 3 and 5 have mean 3 and variance 8/3.
  @Test func numbersMatchInStandardDeviations() throws {
    let years = DatasetFixture.numbers("YEAR", [1, 3, 5, .nan, .infinity])
    let similarity = try #require(MetadataSimilarity(catalogue(years, itemCount: 5)))
    let deviation = (8.0 / 3).squareRoot()
    #expect(abs(similarity.weight(0, 1) - 1 / (1 + 2 / deviation)) < 1e-12)
    #expect(abs(similarity.weight(0, 2) - 1 / (1 + 4 / deviation)) < 1e-12)
    #expect(similarity.weight(1, 1) == 1)
    #expect(similarity.weight(0, 3) == 0 && similarity.weight(0, 4) == 0)
    #expect(!similarity.knows(3) && !similarity.knows(4))
  }

  @Test func attributesCountAlikeAndMissingOnesAsSaid() throws {
    let genres = DatasetFixture.categories("GENRES", ["a", "a", "b", "b", "a"])
    let years = DatasetFixture.numbers("YEAR", [1, 3, 5, 1, .nan])
    let similarity = try #require(MetadataSimilarity(catalogue(genres, years, itemCount: 5)))
    let deviation = (11.0 / 4).squareRoot()  // Of 1, 3, 5, 1 with mean 2.5.
    #expect(abs(similarity.weight(0, 1) - (1 + 1 / (1 + 2 / deviation)) / 2) < 1e-12)
    #expect(similarity.weight(0, 3) == 0.5)
    // The year of item 4 is missing: no match where it is the other, left out where it is asked of.
    #expect(similarity.weight(0, 4) == 0.5)
    #expect(similarity.weight(4, 0) == 1)
  }

  @Test func attributesThatTellNothingApartAreLeftOut() {
    let same = DatasetFixture.categories("SAME", ["a", "a", "a"])
    let own = DatasetFixture.categories("OWN", ["a", "b", "c"])
    let constant = DatasetFixture.numbers("CONSTANT", [2, 2, 2])
    let single = DatasetFixture.numbers("SINGLE", [2, .nan, .nan])
    let nothing = DatasetFixture.categories("NOTHING", [nil, nil, nil])
    let bars = DatasetFixture.categories("BARS", ["|", " | ", "||"])
    for column in [same, own, constant, single, nothing, bars] {
      #expect(MetadataSimilarity(catalogue(column, itemCount: 3)) == nil, "\(column.name)")
    }
    #expect(MetadataSimilarity(catalogue(itemCount: 3)) == nil)
  }

  @Test func equalsComeByCustomersThenByIndex() throws {
    let genres = DatasetFixture.categories("GENRES", ["a", "b", "a", "a", "a", "b"])
    let found = try lists(catalogue(genres, itemCount: 6), counts: [0, 9, 3, 5, 3, 0], limit: 3)
    #expect(list(found, 0).map(\.0) == [3, 2, 4])
    #expect(list(found, 0).allSatisfy { $0.1 == 1 })
    #expect(list(found, 1).map(\.0) == [5])
  }

  private func random(
    seed: UInt64, itemCount: Int
  ) -> (naive: NaiveMetadata, catalogue: ItemCatalogue) {
    var generator = SeededGenerator(seed: seed)
    func text(_ categories: Int, _ most: Int) -> String? {
      if generator.nextIndex(below: 8) == 0 { return nil }
      return (0...generator.nextIndex(below: most)).map { _ in
        let one = generator.nextIndex(below: categories)
        return "g\(min(one, generator.nextIndex(below: categories)))"
      }.joined(separator: "|")
    }
    let genres = (0..<itemCount).map { _ in text(12, 4) }
    let brands = (0..<itemCount).map { _ in text(9, 1) }
    let prices = (0..<itemCount).map { _ in
      generator.nextIndex(below: 6) == 0 ? Float.nan : Float(generator.nextIndex(below: 50))
    }
    let counts = (0..<itemCount).map { _ in UInt32(generator.nextIndex(below: 5)) }
    return (
      NaiveMetadata(texts: [genres, brands], numbers: [prices], itemCounts: counts),
      catalogue(
        DatasetFixture.categories("GENRES", genres), DatasetFixture.categories("BRAND", brands),
        DatasetFixture.numbers("PRICE", prices), itemCount: itemCount)
    )
  }

  @Test(arguments: [UInt64(1), 2])
  func listsAreThoseOfTheDefinition(seed: UInt64) throws {
    let (naive, catalogue) = random(seed: seed, itemCount: 40)
    let found = try lists(catalogue, counts: naive.itemCounts, limit: 9)
    for item in 0..<40 {
      let expected = naive.best(item, limit: 9)
      let actual = list(found, item)
      #expect(actual.count == expected.count, "seed \(seed), item \(item)")
      for (place, (other, weight)) in actual.enumerated() {
        // Sums in another order may differ in the last place, and part equals by it.
        #expect(abs(weight - expected[place].weight) < 1e-6, "seed \(seed), item \(item)")
        #expect(
          abs(Float(naive.similarity(item, Int(other))) - weight) < 1e-6, "seed \(seed)")
      }
    }
  }

  @Test func theIndexGivesBoundedListsOfTheRightItemsAtAnyThreadCount() throws {
    let (naive, catalogue) = random(seed: 7, itemCount: 400)
    let exact = try lists(catalogue, counts: naive.itemCounts, limit: 5)
    // Every item is a candidate at the limit; one item more and the index decides.
    let atLimit = try lists(catalogue, counts: naive.itemCounts, limit: 5, candidateLimit: 400)
    #expect(atLimit.neighbours.array == exact.neighbours.array)
    let indexed = try lists(catalogue, counts: naive.itemCounts, limit: 5, candidateLimit: 399)
    let again = try lists(
      catalogue, counts: naive.itemCounts, limit: 5, candidateLimit: 399, threads: 2)
    #expect(indexed.neighbours.array == again.neighbours.array)
    #expect(indexed.weights.array == again.weights.array)
    // What shares a text, a category or a near number is found, so nothing better is missed here.
    #expect(indexed.weights.array == exact.weights.array)
  }

  @Test func candidatesAreNoMoreThanTheLimit() throws {
    let (naive, catalogue) = random(seed: 8, itemCount: 400)
    let similarity = try #require(MetadataSimilarity(catalogue))
    let candidates = MetadataCandidates(similarity, itemCounts: naive.itemCounts, limit: 50)
    var seen = [Bool](repeating: false, count: 400)
    var most = 0
    for item in 0..<400 {
      var found: [Int] = []
      candidates.forEach(of: item, seen: &seen) { found.append($0) }
      #expect(Set(found).count == found.count && !found.contains(item))
      most = max(most, found.count)
    }
    #expect(most == 50)
    #expect(!seen.contains(true))
  }

  @Test func aNumberNamesTheNearestOnEitherSide() throws {
    let limit = MetadataCandidates.nearestLimit
    let itemCount = 2 * limit + 40
    // The number of item i is i, with item 5's unknown.
    let sizes = (0..<itemCount).map { $0 == 5 ? Float.nan : Float($0) }
    let similarity = try #require(
      MetadataSimilarity(
        catalogue(DatasetFixture.numbers("SIZE", sizes), itemCount: itemCount)))
    let candidates = MetadataCandidates(
      similarity, itemCounts: [UInt32](repeating: 1, count: itemCount), limit: itemCount - 1)
    var seen = [Bool](repeating: false, count: itemCount)
    func found(_ item: Int) -> Set<Int> {
      var items: Set<Int> = []
      candidates.forEach(of: item, seen: &seen) { items.insert($0) }
      return items
    }
    let middle = limit + 20
    #expect(found(middle) == Set(middle - limit...middle + limit).subtracting([middle]))
    #expect(found(0) == Set(1...limit + 1).subtracting([5]))
    #expect(found(5).isEmpty)
  }

  /// One category more than `postingLimit` items have: the least popular of them is left out.
  @Test func aCommonCategoryNamesItsMostPopularItems() throws {
    let limit = MetadataCandidates.postingLimit
    let itemCount = limit + 3
    let genres = (0..<itemCount).map { $0 < limit + 2 ? "a|own\($0)" : "b" }
    let similarity = try #require(
      MetadataSimilarity(
        catalogue(DatasetFixture.categories("GENRES", genres), itemCount: itemCount)))
    let counts = (0..<itemCount).map { UInt32($0) }
    let candidates = MetadataCandidates(similarity, itemCounts: counts, limit: itemCount - 1)
    var seen = [Bool](repeating: false, count: itemCount)
    var found: Set<Int> = []
    candidates.forEach(of: limit + 1, seen: &seen) { found.insert($0) }
    // Itself is among the most popular `limit`; items 0 and 1 are not.
    #expect(found == Set(2..<limit + 1))
  }
}
