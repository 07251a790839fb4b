internal import LinearAlgebra

/// The items that a pass of the network knows, by place: the whole catalogue, or a batch's.
struct ItemRows {
  /// Rows of length 1. `[places, embedding]`
  let embeddings: MatrixView
  /// What is added to the logits. `[places]`
  let offsets: UnsafePointer<Float>

  var count: Int { embeddings.rows }
}

/// The items that one batch of training touches: those of its events, and the negatives.
final class ActiveItems: @unchecked Sendable {
  /// Catalogue indexes, ascending.
  private(set) var items: [UInt32] = []
  private var places: [Int32]
  private var embeddings = FloatBuffer(count: 0)
  private var lengths = FloatBuffer(count: 0)
  private var offsets = FloatBuffer(count: 0)
  private let width: Int

  init(_ dimensions: SequenceDimensions) {
    places = Array(repeating: -1, count: dimensions.items)
    width = dimensions.embedding
  }

  /// Chooses the whole catalogue.
  func selectAll() {
    if items.count == places.count { return }
    select(0..<UInt32(places.count))
  }

  /// Chooses some items; one may be given more than once.
  func select(_ chosen: some Sequence<UInt32>) {
    for item in items { places[Int(item)] = -1 }
    items.removeAll(keepingCapacity: true)
    for item in chosen where places[Int(item)] < 0 {
      places[Int(item)] = 0
      items.append(item)
    }
    items.sort()
    for (place, item) in items.enumerated() { places[Int(item)] = Int32(place) }
    if offsets.count < items.count {
      embeddings = FloatBuffer(count: items.count * width)
      lengths = FloatBuffer(count: items.count)
      offsets = FloatBuffer(count: items.count)
    }
  }

  /// The place of an item that was chosen.
  func place(of item: UInt32) -> UInt32 { UInt32(places[Int(item)]) }

  /// Fetches the chosen rows of the network's tables, adds the items' features where there are any,
  /// and gives them length 1.
  ///
  /// - Parameters:
  ///   - network: whose rows.
  ///   - correction: what to add to an item's logit, by place; nil for nothing.
  func fetch(from network: SequenceNetwork, correction: ((Int) -> Float)? = nil) {
    let layout = network.layout
    let table = network.parameters.matrix(layout.itemEmbedding)
    let biases = network.parameters.pointer(layout.outputBias)
    let features = layout.itemFeatureWeight.map { network.parameters.matrix($0) }
    for (place, item) in items.enumerated() {
      let row = embeddings.base + place * width
      row.update(from: table.row(Int(item)), count: width)
      if let features { network.itemFeatures?.add(Int(item), of: features, to: row) }
      offsets.base[place] = biases[Int(item)] + (correction?(place) ?? 0)
    }
    VectorKernels.normalizeRows(rows.embeddings, scale: 1, lengths: lengths.base)
  }

  /// What was fetched.
  var rows: ItemRows {
    ItemRows(
      embeddings: MatrixView(embeddings.base, rows: items.count, columns: width),
      offsets: UnsafePointer(offsets.base))
  }

  /// Takes the gradient by the rows of length 1 back to the rows as they are, and to the features.
  func backward(_ network: SequenceNetwork, _ gradient: SequenceGradient) {
    VectorKernels.normalizeRowsBackward(
      rows.embeddings, scale: 1, lengths: lengths.base, gradient: gradient.embeddings.base)
    guard let features = network.itemFeatures, let slot = network.layout.itemFeatureWeight else {
      return
    }
    let weight = gradient.buffer.matrix(slot)
    for (place, item) in items.enumerated() {
      features.addGradient(gradient.embeddings.row(place), of: Int(item), to: weight)
    }
  }
}
