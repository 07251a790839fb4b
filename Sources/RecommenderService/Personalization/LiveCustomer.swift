internal import EventLog
internal import RecommenderModels

/// A customer who gave feedback: the history, and where it has led the network.
struct LiveCustomer: Sendable {
  var history: LiveHistory
  /// What the network remembers; nil while nobody asked, and for models without memory.
  var memory: LiveMemory?
  /// The items put since the training that the customer holds, ascending; the models know nothing
  /// of them.
  var heldAdded: [UInt32] = []
  /// Whether it is a session that has not logged in.
  var isAnonymous = false

  /// Takes an event of an item in that was put since the training.
  ///
  /// - Returns: whether the holdings changed.
  mutating func apply(_ kind: Event.Kind, added item: Int) -> Bool {
    let item = UInt32(item)
    let place = heldAdded.firstIndex { $0 >= item } ?? heldAdded.count
    let isHeld = place < heldAdded.count && heldAdded[place] == item
    switch kind {
    case .accepted where !isHeld: heldAdded.insert(item, at: place)
    case .dropped where isHeld: heldAdded.remove(at: place)
    case .accepted, .dropped, .shown, .clicked, .dismissed: return false
    }
    return true
  }
}

/// What a recurrent network remembers of a customer, so that an event costs one step of it.
///
/// It is always what reading ``LiveCustomer/history`` anew would give, to the bit: a restarted
/// server, which does that, answers the same.
enum LiveMemory: Sendable, Equatable {
  /// On a panel: the state before the live month. Events change that month only.
  case months(PanelState)
  /// Without one: the state after the newest event.
  case events(EventState)
}
