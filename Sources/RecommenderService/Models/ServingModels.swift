public import InteractionData
public import RecommenderModels

/// The models a service answers from, over one dataset.
public struct ServingModels: Sendable {
  /// The dataset the customers are from.
  public let dataset: Dataset
  /// The month that is predicted: the one after the dataset's last.
  public let targetMonth: Month
  /// The model that ranks items for customers.
  public let primary: StoredModel
  /// The model that answers for customers nothing is known of.
  public let popularity: StoredModel
  /// The model that finds similar items; nil when none was trained.
  public let similarity: StoredModel?

  /// The checksum of the dataset, to tell whether a model was trained on it; nil takes it for so.
  public let datasetChecksum: String?
  let popularityRecommender: PopularityRecommender
  let similarityRecommender: ItemCooccurrenceRecommender?

  /// Makes a set of models over a dataset.
  ///
  /// - Parameters:
  ///   - dataset: the dataset; it must hold at least one month.
  ///   - datasetChecksum: the checksum of its content; when nil, the models are taken to be trained
  ///     on it.
  ///   - primary: the model that ranks.
  ///   - popularity: a popularity model; counted from the dataset when nil.
  ///   - similarity: a similarity model.
  /// - Throws: ``ServiceError/emptyDataset``, ``ServiceError/model(_:)``.
  public init(
    dataset: Dataset, datasetChecksum: String? = nil, primary: StoredModel,
    popularity: StoredModel? = nil, similarity: StoredModel? = nil
  ) throws(ServiceError) {
    guard let lastMonth = dataset.lastMonth else { throw .emptyDataset }
    self.dataset = dataset
    self.datasetChecksum = datasetChecksum
    self.primary = primary
    self.similarity = similarity
    targetMonth = lastMonth.advanced(by: 1)
    similarityRecommender = similarity?.recommender as? ItemCooccurrenceRecommender
    if let popularity, let recommender = popularity.recommender as? PopularityRecommender {
      self.popularity = popularity
      popularityRecommender = recommender
    } else {
      do throws(ModelError) {
        popularityRecommender = try PopularityRecommender(trainedOn: dataset)
      } catch {
        throw .model(error)
      }
      self.popularity = Self.counted(popularityRecommender, dataset, lastMonth)
    }
  }

  /// Popularity that was counted when the service started, under a name that says so.
  private static func counted(
    _ recommender: PopularityRecommender, _ dataset: Dataset, _ lastMonth: Month
  ) -> StoredModel {
    StoredModel(
      version: "popularity-of-dataset", folder: "",
      manifest: ModelManifest(
        kind: .popularity, seed: 0, configuration: recommender.configuration,
        datasetChecksum: "", catalogueChecksum: "", trainedThrough: lastMonth.description,
        items: dataset.items.count, parameters: recommender.parameterCount, validation: [:]),
      recommender: recommender)
  }

  /// Every model once, the ranking one first.
  var all: [StoredModel] {
    var models = [primary]
    for model in [popularity, similarity].compactMap({ $0 })
    where !models.contains(where: { $0.version == model.version }) {
      models.append(model)
    }
    return models
  }
}
