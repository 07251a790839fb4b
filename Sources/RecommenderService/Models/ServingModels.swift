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
  public let popularity: PopularityRecommender
  /// The model that finds similar items; nil when none was trained.
  public let similarity: ItemCooccurrenceRecommender?
  /// The version of ``similarity``; empty without one.
  public let similarityVersion: String

  /// Makes a set of models over a dataset.
  ///
  /// - Parameters:
  ///   - dataset: the dataset; it must hold at least one month.
  ///   - primary: the model that ranks.
  ///   - popularity: the popularity model; counted from the dataset when nil.
  ///   - similarity: the similarity model with its version.
  /// - Throws: ``ServiceError/emptyDataset``, ``ServiceError/model(_:)``.
  public init(
    dataset: Dataset, primary: StoredModel, popularity: PopularityRecommender? = nil,
    similarity: (model: ItemCooccurrenceRecommender, version: String)? = nil
  ) throws(ServiceError) {
    guard let lastMonth = dataset.lastMonth else { throw .emptyDataset }
    self.dataset = dataset
    self.primary = primary
    targetMonth = lastMonth.advanced(by: 1)
    do throws(ModelError) {
      if let popularity {
        self.popularity = popularity
      } else {
        self.popularity = try PopularityRecommender(trainedOn: dataset)
      }
    } catch {
      throw .model(error)
    }
    self.similarity = similarity?.model
    similarityVersion = similarity?.version ?? ""
  }
}
