internal import LinearAlgebra

/// From states to logits.
extension SequenceNetwork {
  /// Writes the logits after each row's last event.
  ///
  /// - Parameters:
  ///   - space: after ``forward(_:_:dropout:)``.
  ///   - items: the same as there.
  ///   - stepCounts: the number of events of each row; a row without any starts a session.
  ///   - write: called with each row and its logits, `[items]`, which it may change.
  func decodeLast(
    _ space: SequenceWorkspace, _ items: ItemRows, stepCounts: [Int],
    write: (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    let units = dimensions.units
    let input = MatrixView(space.decoderInput.base, rows: stepCounts.count, columns: units)
    for (row, count) in stepCounts.enumerated() {
      if count == 0 {
        input.row(row).update(from: space.attributes.starts.base + row * units, count: units)
        VectorKernels.tanh(input.row(row), count: units)
      } else {
        let place = space.shape.stepOffsets[count - 1] + row
        input.row(row).update(from: space.states.base + place * units, count: units)
      }
    }
    let queries = self.queries(of: input, space) { $0 }
    for range in Parallel.chunks(of: stepCounts.count, chunkSize: space.logitRows(items.count)) {
      let logits = self.logits(of: queries.rows(range), items, space)
      for (place, row) in range.enumerated() { write(row, logits.row(place)) }
    }
  }

  /// What is multiplied with the items' embeddings: projections of states, all of one length.
  ///
  /// - Parameters:
  ///   - states: the states.
  ///   - space: whose attributes are projected.
  ///   - row: the workspace's row that a state is of.
  /// - Returns: the queries, in the workspace's memory for them.
  func queries(
    of states: MatrixView, _ space: SequenceWorkspace, row: (Int) -> Int
  ) -> MatrixView {
    let queries = MatrixView(
      space.queries.base, rows: states.rows, columns: dimensions.embedding)
    MatrixProduct.multiply(states, parameters.matrix(layout.outputWeight), into: queries)
    if layout.attributes != nil {
      for place in 0..<states.rows {
        VectorKernels.add(
          space.attributes.queries.base + row(place) * dimensions.embedding,
          to: queries.row(place), count: dimensions.embedding)
      }
    }
    VectorKernels.normalizeRows(queries, scale: queryLength, lengths: space.queryLengths.base)
    return queries
  }

  /// The logits of some queries, in the workspace's memory for them.
  func logits(
    of queries: MatrixView, _ items: ItemRows, _ space: SequenceWorkspace
  ) -> MatrixView {
    let logits = MatrixView(space.logits.base, rows: queries.rows, columns: items.count)
    PanelNetwork.fill(logits, with: items.offsets)
    MatrixProduct.multiply(
      queries, .plain, items.embeddings, .transposed, into: logits, adding: true)
    return logits
  }
}
