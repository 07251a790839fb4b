/// The sizes of a panel network.
struct PanelDimensions: Equatable, Sendable {
  /// Items, at most 64.
  var items: Int
  /// Numbers that encode a customer's attributes; may be 0.
  var attributeFeatures: Int
  /// Width of the attributes' projection.
  var attributeUnits: Int
  /// Width of an event's embedding; 0 without a session layer.
  var embedding: Int
  /// Units of the session layer; 0 without one.
  var sessionUnits: Int
  /// Units of the user layer.
  var userUnits: Int
  /// Whether the user state reaches every event of a session, not its start alone.
  var propagatesUserState = false

  /// One-hot features of a step.
  var features: PanelFeatures { PanelFeatures(items: items) }
}

/// The tensors of a panel network.
///
/// Weights are `[inputs, outputs]`: `y = x · W + b`. Gates of weights that a layer's input passes
/// stand in the order candidate, reset, update; those of recurrent weights in the order reset,
/// update, candidate. Biases of a recurrent layer are candidate's input part, reset, update,
/// candidate's recurrent part.
struct PanelLayout: Sendable {
  /// The most items: sets of them are the bits of one word.
  static let itemLimit = 64

  let dimensions: PanelDimensions
  let attributeWeight: TensorSlot
  let attributeBias: TensorSlot
  let initialWeight: TensorSlot
  let initialBias: TensorSlot
  let eventEmbedding: TensorSlot
  let sessionInputWeight: TensorSlot
  let sessionRecurrentWeight: TensorSlot
  let sessionBias: TensorSlot
  let sessionUserWeight: TensorSlot
  let sessionStartWeight: TensorSlot
  let sessionStartBias: TensorSlot
  let featureWeight: TensorSlot
  let attributeInputWeight: TensorSlot
  let sessionEndWeight: TensorSlot
  let userRecurrentWeight: TensorSlot
  let userBias: TensorSlot
  let outputWeight: TensorSlot
  let heldWeight: TensorSlot
  let ageWeight: TensorSlot
  let attributeOutputWeight: TensorSlot
  let monthBias: TensorSlot
  let outputBias: TensorSlot
  /// Those that hold any number, in the order of their offsets.
  let slots: [TensorSlot]
  /// Floats that hold them all, gaps included.
  let arenaCount: Int

  init(_ dimensions: PanelDimensions) {
    self.dimensions = dimensions
    let (items, attributes) = (dimensions.items, dimensions.attributeUnits)
    let (session, user) = (dimensions.sessionUnits, dimensions.userUnits)
    var tensors = TensorAllocator()
    func weight(_ name: String, _ rows: Int, _ columns: Int) -> TensorSlot {
      tensors.add(name, rows, columns, decays: true)
    }
    func bias(_ name: String, _ columns: Int, rows: Int = 1) -> TensorSlot {
      tensors.add(name, rows, columns, decays: false)
    }
    attributeWeight = weight("attributes.weight", dimensions.attributeFeatures, attributes)
    attributeBias = bias("attributes.bias", attributes)
    initialWeight = weight("user.initial.weight", attributes, user)
    initialBias = bias("user.initial.bias", user)
    eventEmbedding = weight("session.embedding", 2 * items, dimensions.embedding)
    sessionInputWeight = weight("session.input.weight", dimensions.embedding, 3 * session)
    sessionRecurrentWeight = weight("session.recurrent.weight", session, 3 * session)
    sessionBias = bias("session.bias", 4 * session)
    sessionUserWeight = weight(
      "session.user.weight", dimensions.propagatesUserState ? user : 0, 3 * session)
    sessionStartWeight = weight("session.start.weight", user, session)
    sessionStartBias = bias("session.start.bias", session)
    featureWeight = weight("user.features.weight", dimensions.features.count, 3 * user)
    attributeInputWeight = weight("user.attributes.weight", attributes, 3 * user)
    sessionEndWeight = weight("user.session.weight", session, 3 * user)
    userRecurrentWeight = weight("user.recurrent.weight", user, 3 * user)
    userBias = bias("user.bias", 4 * user)
    outputWeight = weight("output.weight", user, items)
    heldWeight = weight("output.held.weight", items, items)
    ageWeight = weight("output.age.weight", PanelAges.places, items)
    attributeOutputWeight = weight("output.attributes.weight", attributes, items)
    monthBias = bias("output.month.bias", items, rows: 12)
    outputBias = bias("output.bias", items)
    slots = tensors.slots.filter { $0.count > 0 }
    arenaCount = tensors.count
  }

  /// The number of trained numbers.
  var parameterCount: Int { slots.reduce(0) { $0 + $1.count } }

  /// The ranges that weight decay applies to.
  var decayedRanges: [Range<Int>] { slots.filter(\.decays).map(\.range) }
}
