/// What is believed of the cold products, and how far each has come.
struct ColdProducts: Sendable, Codable {
  /// How much of a product's beliefs is forgotten when its customers have changed.
  private static let ownRelaxation = 0.9
  /// How much of the other products': what changed one may have changed them.
  private static let otherRelaxation = 0.5

  private let rule: GraduationRule?
  private let limit: Int
  private let unseenPrior: AppealPrior
  private let unseen: AppealPosterior
  private var places: [Int: Int] = [:]
  private var items: [Int] = []
  private var priors: [AppealPrior] = []
  private var creationTimes: [Int64] = []
  private var appeals: [AppealPosterior] = []
  private var detectors: [ChangeDetector] = []
  private var progress: [ColdProgress] = []

  init(prior: AppealPrior, featureCount: Int, rule: GraduationRule?, limit: Int) {
    self.rule = rule
    self.limit = limit
    unseenPrior = prior
    unseen = AppealPosterior(prior, featureCount: featureCount)
  }

  var count: Int { items.count }

  /// Whether beliefs that were read are those of a policy of so many features, about products of the
  /// catalogue, each in one place.
  func holdsTogether(featureCount: Int, itemCount: Int, limit: Int) -> Bool {
    self.limit == limit && items.count <= limit && places.count == items.count
      && items.enumerated().allSatisfy { places[$1] == $0 && (0..<itemCount).contains($1) }
      && [priors.count, creationTimes.count, appeals.count, detectors.count, progress.count]
        .allSatisfy { $0 == items.count }
      && ([unseen] + appeals).allSatisfy { $0.holdsTogether(featureCount: featureCount) }
      && progress.allSatisfy(\.holdsTogether)
      && creationTimes.allSatisfy { ClockRange.milliseconds.contains($0) }
  }

  /// What is believed of a product.
  func appeal(of item: Int) -> AppealPosterior { places[item].map { appeals[$0] } ?? unseen }

  /// Where a product stands.
  func state(of item: Int) -> ColdState { places[item].map { progress[$0].state } ?? .exploring }

  /// Every product that is learned about, in the order they came.
  var all: [(item: Int, progress: ColdProgress)] {
    zip(items, progress).map { (item: $0, progress: $1) }
  }

  /// Adds a product; false when it is there or there is no room.
  @discardableResult
  mutating func introduce(_ item: Int, prior: AppealPrior, createdMilliseconds: Int64) -> Bool {
    guard places[item] == nil, items.count < limit else { return false }
    places[item] = items.count
    items.append(item)
    priors.append(prior)
    creationTimes.append(createdMilliseconds)
    appeals.append(AppealPosterior(prior, featureCount: unseen.mean.count))
    detectors.append(ChangeDetector())
    progress.append(ColdProgress())
    return true
  }

  /// Learns from one showing.
  ///
  /// - Returns: the product, when its state has changed.
  mutating func learn(
    _ item: Int, _ showing: (response: Response, rivalLogit: Double?), features: [Int],
    examination: Double, dismissal: Double, atMilliseconds now: Int64
  ) -> ColdTransition? {
    introduce(item, prior: unseenPrior, createdMilliseconds: now)
    guard let place = places[item] else { return nil }
    let belief = appeals[place].logit(features)
    if detectors[place].observe(showing.response, logit: belief, examination: examination) {
      for other in appeals.indices {
        let share = other == place ? Self.ownRelaxation : Self.otherRelaxation
        appeals[other].relax(share, towards: priors[other])
        detectors[other] = ChangeDetector()
      }
    }
    appeals[place].update(
      features, response: showing.response, examination: examination, dismissal: dismissal)
    guard let rule else { return nil }
    let seen = Showing(
      response: showing.response, rivalLogit: showing.rivalLogit, timeMilliseconds: now,
      ageMilliseconds: now - creationTimes[place])
    guard progress[place].observe(seen, belief: appeals[place].logit(features), rule: rule) else {
      return nil
    }
    return ColdTransition(item: item, progress: progress[place])
  }

  /// Puts what was given up long ago into the buffer again.
  mutating func wake(atMilliseconds now: Int64) -> [ColdTransition] {
    guard let rule else { return [] }
    var woken: [ColdTransition] = []
    for place in items.indices where progress[place].hasRested(rule, atMilliseconds: now) {
      appeals[place].relax(Self.ownRelaxation, towards: priors[place])
      detectors[place] = ChangeDetector()
      progress[place] = ColdProgress()
      woken.append(ColdTransition(item: items[place], progress: progress[place]))
    }
    return woken
  }
}
