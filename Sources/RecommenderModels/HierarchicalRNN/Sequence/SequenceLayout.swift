/// The sizes of a sequence network.
struct SequenceDimensions: Equatable, Sendable {
  var items: Int
  /// Width of an item's embedding.
  var embedding: Int
  /// Units of the session layer and of the user layer.
  var units: Int
}

/// The tensors of a sequence network, in the conventions of ``PanelLayout``.
///
/// The output shares the items' embedding: logits = (state · output weight) · embeddingᵀ + bias,
/// so that a rare item's row is taught by what precedes it and by what follows it.
struct SequenceLayout: Sendable {
  let dimensions: SequenceDimensions
  let itemEmbedding: TensorSlot
  let sessionInputWeight: TensorSlot
  let sessionRecurrentWeight: TensorSlot
  let sessionBias: TensorSlot
  let sessionStartWeight: TensorSlot
  let sessionStartBias: TensorSlot
  let userInputWeight: TensorSlot
  let userRecurrentWeight: TensorSlot
  let userBias: TensorSlot
  let outputWeight: TensorSlot
  let outputBias: TensorSlot
  /// All of them, in the order of their offsets.
  let slots: [TensorSlot]
  /// Floats that hold them all, gaps included.
  let arenaCount: Int

  init(_ dimensions: SequenceDimensions) {
    self.dimensions = dimensions
    let (units, embedding) = (dimensions.units, dimensions.embedding)
    var tensors = TensorAllocator()
    itemEmbedding = tensors.add("item.embedding", dimensions.items, embedding, decays: true)
    sessionInputWeight = tensors.add("session.input.weight", embedding, 3 * units, decays: true)
    sessionRecurrentWeight = tensors.add(
      "session.recurrent.weight", units, 3 * units, decays: true)
    sessionBias = tensors.add("session.bias", 1, 4 * units, decays: false)
    sessionStartWeight = tensors.add("session.start.weight", units, units, decays: true)
    sessionStartBias = tensors.add("session.start.bias", 1, units, decays: false)
    userInputWeight = tensors.add("user.input.weight", units, 3 * units, decays: true)
    userRecurrentWeight = tensors.add("user.recurrent.weight", units, 3 * units, decays: true)
    userBias = tensors.add("user.bias", 1, 4 * units, decays: false)
    outputWeight = tensors.add("output.weight", units, embedding, decays: true)
    outputBias = tensors.add("output.bias", 1, dimensions.items, decays: false)
    slots = tensors.slots
    arenaCount = tensors.count
  }

  /// The number of trained numbers.
  var parameterCount: Int { slots.reduce(0) { $0 + $1.count } }

  /// The ranges that weight decay applies to.
  var decayedRanges: [Range<Int>] { slots.filter(\.decays).map(\.range) }
}
