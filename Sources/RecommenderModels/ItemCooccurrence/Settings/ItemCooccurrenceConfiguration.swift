/// The settings of item-to-item similarity.
public struct ItemCooccurrenceConfiguration: Sendable, Equatable {
  /// The profile the percentiles come from unless they are set one by one.
  public let profile: ItemCooccurrenceProfile
  /// The measure.
  public var similarity = ItemSimilarity.cosine
  /// How much an item's popularity counts against it, with ``ItemSimilarity/cosine``: 0 ranks the
  /// most often seen together first, 1 the most exclusively seen together; 0...1.
  public var popularityDiscountFactor: Double
  /// The least number of customers who had both items, for the pair to be similar at all; 0...10,
  /// where 0 means the same as 1.
  public var minimumCointeractionCount: Int
  /// The most neighbours kept an item.
  public var neighbourLimit: Int
  /// Customers with fewer distinct items than this quantile are left out; 0...1.
  public var minimumUserHistoryLengthPercentile: Double
  /// Customers with more distinct items than this quantile are left out; 0...1.
  public var maximumUserHistoryLengthPercentile: Double
  /// Items had by fewer customers than this quantile are left out; 0...1.
  public var minimumItemInteractionCountPercentile: Double
  /// Items had by more customers than this quantile are left out; 0...1.
  public var maximumItemInteractionCountPercentile: Double
  /// How much a long history counts less: a customer of `m` items adds `m^-a` to each pair; 0...1.
  public var historyLengthDiscount = 0.0
  /// The power of the sum of an item's source weights that they are divided by: at 1 the weights
  /// sum to 1, at 0 they stay as they are; 0...1.
  ///
  /// At 1 an item with a single weak source scores as high as one with a hundred whenever that one
  /// is held, which is only right when nearly every item has many sources; half of the way is
  /// robust on catalogues of any size.
  public var targetNormalization = 0.5
  /// Whether customers are scored by how they differ from the average customer.
  public var isMeanCentred = true
  /// Days after which an interaction counts half, back from the newest one; 0 turns it off.
  public var recencyHalfLifeDays = 0.0
  /// What an event of a type counts, 0...``eventWeightLimit``; types that are not named count 1,
  /// and those that do not speak for an item never count.
  public var eventWeights: [String: Double] = [:]
  /// Whether the order of the two items matters.
  public var direction = CooccurrenceDirection.any

  /// The range of ``neighbourLimit``.
  public static let neighbourLimitRange = 1...1000
  /// The range of ``minimumCointeractionCount``.
  public static let minimumCointeractionCountRange = 0...10
  /// The largest of ``recencyHalfLifeDays``: a hundred years.
  public static let recencyHalfLifeDaysLimit = 36_525.0
  /// The largest of ``eventWeights``.
  public static let eventWeightLimit = 1000.0

  /// Makes settings.
  public init(
    profile: ItemCooccurrenceProfile = .bank, popularityDiscountFactor: Double = 0.5,
    minimumCointeractionCount: Int = 3, neighbourLimit: Int = 100
  ) {
    self.profile = profile
    self.popularityDiscountFactor = popularityDiscountFactor
    self.minimumCointeractionCount = minimumCointeractionCount
    self.neighbourLimit = neighbourLimit
    minimumUserHistoryLengthPercentile = profile == .aws ? 0.005 : 0
    maximumUserHistoryLengthPercentile = profile == .aws ? 0.995 : 1
    minimumItemInteractionCountPercentile = profile == .aws ? 0.01 : 0
    maximumItemInteractionCountPercentile = profile == .aws ? 0.9 : 1
  }

  /// Whether every interaction counts 1, so that pairs are counted in whole numbers.
  var countsWholeInteractions: Bool { recencyHalfLifeDays == 0 && eventWeights.isEmpty }

  /// Whether all customers and items are counted.
  var keepsEverything: Bool {
    minimumUserHistoryLengthPercentile == 0 && maximumUserHistoryLengthPercentile == 1
      && minimumItemInteractionCountPercentile == 0 && maximumItemInteractionCountPercentile == 1
  }

  /// Whether the similarity of two items is the same both ways.
  var isSymmetric: Bool {
    direction == .any && (similarity != .cosine || popularityDiscountFactor == 0.5)
  }
}
