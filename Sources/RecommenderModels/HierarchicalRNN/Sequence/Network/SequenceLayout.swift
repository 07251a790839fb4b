/// The sizes of a sequence network.
struct SequenceDimensions: Equatable, Sendable {
  var items: Int
  /// Width of an item's embedding.
  var embedding: Int
  /// Units of the session layer and of the user layer.
  var units: Int
  /// Whether the user's state reaches every event of a session, and not its start alone.
  var propagatesUser = false
  /// Numbers that encode a customer's attributes; 0 when none are read.
  var attributeFeatures = 0
  /// Width of the attributes' projection.
  var attributeUnits = 0
  /// Numbers that encode an item's metadata while training; 0 when none are read.
  var itemFeatures = 0
}

/// The tensors of a sequence network, in the conventions of ``PanelLayout``.
///
/// Input and output share the items' embedding, so that a rare item's row is taught by what
/// precedes it and by what follows it. Its rows have length 1.
struct SequenceLayout: Sendable {
  let dimensions: SequenceDimensions
  let sessionInputWeight: TensorSlot
  let sessionRecurrentWeight: TensorSlot
  let sessionBias: TensorSlot
  let sessionStartWeight: TensorSlot
  let sessionStartBias: TensorSlot
  let userInputWeight: TensorSlot
  let userRecurrentWeight: TensorSlot
  let userBias: TensorSlot
  /// From the user's state to the session layer's gates; nil when it reaches the start alone.
  let sessionUserWeight: TensorSlot?
  let outputWeight: TensorSlot
  /// The logarithm of the length that queries are given.
  let outputScale: TensorSlot
  /// From attributes to start and query; nil when no attributes are read.
  let attributes: AttributeSlots?
  /// A row for each of the items' features; nil when there are none. Training adds its rows into
  /// the items' at the end, so that a model file has no such tensor.
  let itemFeatureWeight: TensorSlot?
  let itemEmbedding: TensorSlot
  let outputBias: TensorSlot
  /// All of them, in the order of their offsets.
  let slots: [TensorSlot]
  /// Floats that hold them all, gaps included.
  let arenaCount: Int

  /// The tensors that read a customer's attributes.
  struct AttributeSlots: Sendable {
    let weight: TensorSlot
    let bias: TensorSlot
    /// From the projection to a session's start.
    let startWeight: TensorSlot
    /// From the projection to the query.
    let outputWeight: TensorSlot

    init(_ dimensions: SequenceDimensions, _ tensors: inout TensorAllocator) {
      let width = dimensions.attributeUnits
      weight = tensors.add(
        "attributes.weight", dimensions.attributeFeatures, width, decays: true)
      bias = tensors.add("attributes.bias", 1, width, decays: false)
      startWeight = tensors.add(
        "session.start.attributes.weight", width, dimensions.units, decays: true)
      outputWeight = tensors.add(
        "output.attributes.weight", width, dimensions.embedding, decays: true)
    }
  }

  init(_ dimensions: SequenceDimensions) {
    self.dimensions = dimensions
    let (units, embedding) = (dimensions.units, dimensions.embedding)
    var tensors = TensorAllocator()
    sessionInputWeight = tensors.add("session.input.weight", embedding, 3 * units, decays: true)
    sessionRecurrentWeight = tensors.add(
      "session.recurrent.weight", units, 3 * units, decays: true)
    sessionBias = tensors.add("session.bias", 1, 4 * units, decays: false)
    sessionStartWeight = tensors.add("session.start.weight", units, units, decays: true)
    sessionStartBias = tensors.add("session.start.bias", 1, units, decays: false)
    userInputWeight = tensors.add("user.input.weight", units, 3 * units, decays: true)
    userRecurrentWeight = tensors.add("user.recurrent.weight", units, 3 * units, decays: true)
    userBias = tensors.add("user.bias", 1, 4 * units, decays: false)
    sessionUserWeight =
      dimensions.propagatesUser
      ? tensors.add("session.user.weight", units, 3 * units, decays: true) : nil
    outputWeight = tensors.add("output.weight", units, embedding, decays: true)
    outputScale = tensors.add("output.scale", 1, 1, decays: false)
    attributes =
      dimensions.attributeFeatures > 0 ? AttributeSlots(dimensions, &tensors) : nil
    itemFeatureWeight =
      dimensions.itemFeatures > 0
      ? tensors.add("item.features.weight", dimensions.itemFeatures, embedding, decays: true)
      : nil
    // The tables come last: see RowSelection.
    itemEmbedding = tensors.add("item.embedding", dimensions.items, embedding, decays: false)
    outputBias = tensors.add("output.bias", dimensions.items, 1, decays: false)
    slots = tensors.slots
    arenaCount = tensors.count
  }

  /// The tensors of a model file.
  var storedSlots: [TensorSlot] { slots.filter { $0.name != itemFeatureWeight?.name } }

  /// The numbers of a model file.
  var parameterCount: Int { storedSlots.reduce(0) { $0 + $1.count } }

  /// The ranges that weight decay applies to.
  var decayedRanges: [Range<Int>] { slots.filter(\.decays).map(\.range) }

  /// The layout of a gradient by all but the tables, and by these items' rows of them.
  func selection(of items: [UInt32]) -> RowSelection {
    RowSelection(
      denseCount: itemEmbedding.offset, tables: [itemEmbedding, outputBias], rows: items)
  }
}
