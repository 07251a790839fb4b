internal import EventLog
internal import Exploration
internal import Synchronization

/// Learns from feedback what customers think of cold products.
///
/// Like ``LivePersonalization``, used by one thread at a time: by the starting thread while the log is
/// replayed, afterwards by the event log's thread alone. The thread that answers gets a copy of the
/// policy; copies share their memory until one changes.
///
/// What is learned follows from the events in the order of the log, their times, and the slates that
/// stand in the log with them, so that a restart has the same beliefs, to the bit.
final class LiveExploration: @unchecked Sendable {
  /// A product that was put.
  struct Introduction: Sendable {
    let item: Int
    let prior: AppealPrior
    let createdMilliseconds: Int64
  }

  /// What records of slates speak of; those of another catalogue teach nothing.
  let tag: UInt32
  /// The items that are known: the dataset's, and those that were introduced.
  private var itemCount: Int
  private let responseWindowMilliseconds: Int64
  private let indexOfItem: @Sendable (String) -> Int?
  private let introductions = Mutex<[Introduction]>([])
  var policy: SlatePolicy
  var shown: ShownSlates
  var now: Int64 = .min
  private var hasChanged = true
  private var transitions: [ColdTransition] = []

  init(
    policy: SlatePolicy, tag: UInt32, itemCount: Int, responseWindowMilliseconds: Int64,
    shownLimit: Int = ShownSlates.limit, indexOfItem: @escaping @Sendable (String) -> Int?
  ) {
    self.policy = policy
    self.tag = tag
    self.itemCount = itemCount
    self.responseWindowMilliseconds = responseWindowMilliseconds
    self.indexOfItem = indexOfItem
    shown = ShownSlates(limit: shownLimit)
  }

  /// Tells of products that were put; called from any thread.
  func introduce(_ products: [Introduction]) {
    introductions.withLock { $0 += products }
  }

  /// The policy when it has changed since it was last asked for; nil otherwise.
  func changedPolicy() -> SlatePolicy? {
    takeIntroductions()
    guard hasChanged else { return nil }
    hasChanged = false
    return policy
  }

  /// The products that came into the buffer or left it since this was last asked for.
  func takeTransitions() -> [ColdTransition] {
    defer { transitions.removeAll() }
    return transitions
  }

  /// Takes an event of the log in.
  func apply(_ event: Event) {
    takeIntroductions()
    let time = ClockRange.clamped(event.timeMilliseconds)
    if time > now { advance(to: time) }
    guard !event.recommendationID.isEmpty, isOpen(event) else { return }
    let item = indexOfItem(event.itemID)
    let listed = event.impressionItemIDs.map(indexOfItem)
    let slot = shown.change(event.recommendationID) { slate -> Int? in
      if !listed.isEmpty {
        let before = slate.impressions ?? [Bool](repeating: false, count: slate.entries.count)
        slate.impressions = zip(before, slate.entries).map { $0 || listed.contains($1.item) }
      }
      guard Self.response(event.kind) != nil,
        let slot = slate.entries.firstIndex(where: { $0.item == item }), !slate.isLearned[slot]
      else { return nil }
      slate.isLearned[slot] = true
      return slot
    }
    guard let slot = slot ?? nil, let response = Self.response(event.kind) else { return }
    _ = shown.change(event.recommendationID) { slate in
      learn(slate, slot: slot, response)
    }
  }

  /// What an event says of the item it names; nil for what is not an answer to it.
  private static func response(_ kind: Event.Kind) -> Response? {
    switch kind {
    case .accepted: .accepted
    case .dismissed: .dismissed
    case .shown, .clicked, .dropped: nil
    }
  }

  /// Whether the event's slate is known; the first event of it has it along.
  private func isOpen(_ event: Event) -> Bool {
    if shown.knows(event.recommendationID) { return true }
    guard let record = SlateRecord(event.slate, tag: tag), record.speaks(ofItemsBelow: itemCount),
      (try? policy.validate(record.request)) != nil
    else { return false }
    policy.observe(record.request)
    hasChanged = true
    let slate = ShownSlates.Shown(
      context: record.request.context, entries: record.entries, rivalLogit: record.rivalLogit,
      isLearned: [Bool](repeating: false, count: record.entries.count), impressions: nil)
    if let oldest = shown.open(event.recommendationID, slate, atMilliseconds: now) {
      settle(oldest)
    }
    return true
  }

  /// Moves the clock on, which is the newest time of an event so far.
  private func advance(to time: Int64) {
    let day = ExplorationConfiguration.millisecondsPerDay
    let isNewDay = now == .min || time / day != now / day
    now = time
    while let slate = shown.settle(openedThrough: now - responseWindowMilliseconds) {
      settle(slate)
    }
    guard isNewDay else { return }
    let woken = policy.wake(atMilliseconds: now)
    transitions += woken
    if !woken.isEmpty { hasChanged = true }
  }

  /// Takes silence for an answer.
  private func settle(_ slate: ShownSlates.Shown) {
    for slot in slate.entries.indices
    where !slate.isLearned[slot] && slate.impressions?[slot] ?? true {
      learn(slate, slot: slot, .none)
    }
  }

  private func learn(_ slate: ShownSlates.Shown, slot: Int, _ response: Response) {
    hasChanged = true
    let transition = policy.learn(
      slate.entries, slot: slot, rivalLogit: slate.rivalLogit, context: slate.context,
      response: response, atMilliseconds: now)
    if let transition { transitions.append(transition) }
  }

  private func takeIntroductions() {
    let products = introductions.withLock { products in
      defer { products.removeAll() }
      return products
    }
    for product in products {
      policy.introduce(
        product.item, prior: product.prior, createdMilliseconds: product.createdMilliseconds)
      itemCount = max(itemCount, product.item + 1)
      hasChanged = true
    }
  }
}
