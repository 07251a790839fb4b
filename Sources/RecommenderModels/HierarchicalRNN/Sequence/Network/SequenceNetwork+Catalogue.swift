internal import LinearAlgebra

/// The items' rows.
extension SequenceNetwork {
  /// Gives the embeddings of these items length 1.
  func normaliseEmbeddings(of items: Range<Int>) {
    let rows = parameters.matrix(layout.itemEmbedding).rows(items)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: items.count) { lengths in
      guard let lengths = lengths.baseAddress else { return }
      VectorKernels.normalizeRows(rows, scale: 1, lengths: lengths)
    }
  }

  /// The tables as scoring reads them; while training on features, as of
  /// ``refreshCatalogue()``.
  var catalogue: ItemRows {
    let own = parameters.matrix(layout.itemEmbedding)
    return ItemRows(
      embeddings: completeRows.map {
        MatrixView($0.base, rows: own.rows, columns: own.columns)
      } ?? own,
      offsets: UnsafePointer(parameters.pointer(layout.outputBias)))
  }

  /// Computes the items' rows anew from what training has changed.
  func refreshCatalogue() {
    guard let itemFeatures, let weight = layout.itemFeatureWeight else { return }
    itemFeatures.writeRows(
      own: parameters.matrix(layout.itemEmbedding), weight: parameters.matrix(weight),
      into: catalogue.embeddings)
  }

  /// The network that scores as this one does and reads no features: they are in the items' rows.
  func withFeaturesInRows() -> SequenceNetwork {
    if itemFeatures == nil { return self }
    refreshCatalogue()
    let network = SequenceNetwork(dimensions)
    for (slot, target) in zip(layout.storedSlots, network.layout.slots) {
      network.parameters.pointer(target).update(from: parameters.pointer(slot), count: slot.count)
    }
    network.parameters.pointer(network.layout.itemEmbedding).update(
      from: catalogue.embeddings.base, count: dimensions.items * dimensions.embedding)
    return network
  }
}
