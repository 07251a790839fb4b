internal import RecommenderModels

/// A customer who gave feedback: the history, and where it has led the network.
struct LiveCustomer: Sendable {
  var history: LiveHistory
  /// What the network remembers; nil while nobody asked, and for models without memory.
  var memory: LiveMemory?
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
