internal import RecommenderModels
internal import RecommenderRPC
internal import TensorFiles

extension RecommendationEngine {
  /// Finds items similar to one: those it was had together with, else those alike by metadata, else
  /// popular ones.
  ///
  /// - Returns: false when the item is not in the catalogue.
  func similarItems(
    to identifier: UnsafeRawBufferPointer, count: Int, into answer: inout RankedItemsAnswer
  ) -> Bool {
    guard let item = catalogue.index(of: identifier) else { return false }
    defer {
      answer.catalogue = answer.source == .popularity ? catalogue.popularity : catalogue.similarity
    }
    let addedPlace = item - catalogue.datasetCount
    let added = addedPlace >= 0 ? catalogue.similarToAdded[addedPlace] : nil
    if let list = added ?? liveLists[item] {
      answer.source = list.isByMetadata ? .metadata : .model
      for (neighbour, weight) in zip(list.neighbours, list.weights).prefix(count) {
        answer.append(itemIndex: neighbour, score: weight)
      }
    } else if let model = models.similarityRecommender {
      let isCounted = !model.similar.range(of: item).isEmpty
      let lists = isCounted ? model.similar : model.metadata
      answer.source = isCounted ? .model : .metadata
      for position in lists.range(of: item).prefix(count) {
        answer.append(itemIndex: lists.neighbours[position], score: lists.weights[position])
      }
    }
    if answer.count > 0 { return true }
    answer.source = .popularity
    for other in popularity.items where Int(other) != item && answer.count < count {
      answer.append(itemIndex: other, score: popularity.scores[Int(other)])
    }
    return true
  }
}
