internal import LinearAlgebra

extension SequenceNetwork {
  /// The loss of all events of a shard and its gradient by every parameter.
  ///
  /// - Parameters:
  ///   - space: after ``forward(_:dropout:)``; its gates are overwritten.
  ///   - dropout: the same as there.
  ///   - scale: a factor of the gradient.
  ///   - gradient: laid out as the parameters; every tensor is added to.
  /// - Returns: the sum of the events' losses, not scaled.
  func decodeAndBackward(
    _ space: SequenceWorkspace, dropout: DropoutPlan, scale: Float, into gradient: FloatBuffer
  ) -> Double {
    let (units, embedding) = (dimensions.units, dimensions.embedding)
    let loss = decoderBackward(space, dropout, scale, gradient)
    space.userGradient.zero()
    for step in stride(from: space.shape.stepCount - 1, through: 0, by: -1) {
      stepBackward(space, step: step, gradient)
    }
    let gates = space.all(space.gates, width: 4 * units)
    MatrixProduct.multiply(
      space.all(space.inputs, width: units), .transposed, gates.columns(units..<4 * units),
      into: gradient.matrix(layout.sessionRecurrentWeight), adding: true)
    VectorKernels.addColumnSums(of: gates, to: gradient.pointer(layout.sessionBias))
    openingWeights(space, gradient)
    let embedded = space.all(space.embedded, width: embedding)
    let input = gates.columns(0..<3 * units)
    MatrixProduct.multiply(
      embedded, .transposed, input, into: gradient.matrix(layout.sessionInputWeight),
      adding: true)
    // The embedded events are done with; their memory takes their gradient.
    MatrixProduct.multiply(
      input, .plain, parameters.matrix(layout.sessionInputWeight), .transposed, into: embedded)
    if dropout.share > 0 {
      VectorKernels.dropout(
        embedded.base, into: embedded.base, count: embedded.rows * embedding,
        share: dropout.share, key: dropout.projectionKey)
    }
    let table = gradient.matrix(layout.itemEmbedding)
    for place in 0..<embedded.rows {
      VectorKernels.add(
        embedded.row(place), to: table.row(Int(space.events[place].item)), count: embedding)
    }
    return loss
  }

  private func decoderBackward(
    _ space: SequenceWorkspace, _ dropout: DropoutPlan, _ scale: Float, _ gradient: FloatBuffer
  ) -> Double {
    let (units, items) = (dimensions.units, dimensions.items)
    let input = space.all(space.decoderInput, width: units)
    input.base.update(from: space.states.base, count: input.rows * units)
    if dropout.share > 0 {
      VectorKernels.dropout(
        input.base, into: input.base, count: input.rows * units, share: dropout.share,
        key: dropout.decoderKey)
    }
    let projected = space.all(space.projected, width: dimensions.embedding)
    MatrixProduct.multiply(input, parameters.matrix(layout.outputWeight), into: projected)
    let table = parameters.matrix(layout.itemEmbedding)
    let projectedGradient = space.all(space.projectedGradient, width: dimensions.embedding)
    var loss = 0.0
    for range in Parallel.chunks(of: input.rows, chunkSize: space.logitRows) {
      let logits = MatrixView(space.logits.base, rows: range.count, columns: items)
      PanelNetwork.fill(logits, with: parameters.pointer(layout.outputBias))
      let part = projected.rows(range)
      MatrixProduct.multiply(part, .plain, table, .transposed, into: logits, adding: true)
      for (row, place) in range.enumerated() {
        loss += Losses.softmax(
          logits: logits.row(row), count: items, target: Int(space.events[place].next),
          scale: scale)
      }
      MatrixProduct.multiply(logits, table, into: projectedGradient.rows(range))
      MatrixProduct.multiply(
        logits, .transposed, part, into: gradient.matrix(layout.itemEmbedding), adding: true)
      VectorKernels.addColumnSums(of: logits, to: gradient.pointer(layout.outputBias))
    }
    MatrixProduct.multiply(
      input, .transposed, projectedGradient, into: gradient.matrix(layout.outputWeight),
      adding: true)
    let states = space.all(space.stateGradient, width: units)
    MatrixProduct.multiply(
      projectedGradient, .plain, parameters.matrix(layout.outputWeight), .transposed,
      into: states)
    if dropout.share > 0 {
      VectorKernels.dropout(
        states.base, into: states.base, count: states.rows * units, share: dropout.share,
        key: dropout.decoderKey)
    }
    return loss
  }

  /// One event of all rows, back to the state before it.
  private func stepBackward(_ space: SequenceWorkspace, step: Int, _ gradient: FloatBuffer) {
    let units = dimensions.units
    let gates = space.block(space.gates, step, width: 4 * units)
    let input = space.block(space.inputs, step, width: units)
    let inputGradient = MatrixView(space.inputGradient.base, rows: gates.rows, columns: units)
    GatedRecurrentUnit.backward(
      gates: gates.base, previous: input.base,
      stateGradient: space.block(space.stateGradient, step, width: units).base,
      previousGradient: inputGradient.base, adding: false, rows: gates.rows, units: units)
    MatrixProduct.multiply(
      gates.columns(units..<4 * units), .plain,
      parameters.matrix(layout.sessionRecurrentWeight), .transposed, into: inputGradient,
      adding: true)
    if step == 0 {
      VectorKernels.tanhBackward(
        output: input.base, gradient: inputGradient.base, count: gates.rows * units)
      VectorKernels.addColumnSums(
        of: inputGradient, to: gradient.pointer(layout.sessionStartBias))
      return
    }
    openingBackward(space, step: step, inputGradient: inputGradient)
    VectorKernels.add(
      inputGradient.base, to: space.block(space.stateGradient, step - 1, width: units).base,
      count: gates.rows * units)
  }

  /// The openings of one step: the gradient of a session's start becomes that of the last one's
  /// end, and of the user's state before.
  private func openingBackward(
    _ space: SequenceWorkspace, step: Int, inputGradient: MatrixView
  ) {
    let range = space.openings(of: step)
    if range.isEmpty { return }
    let units = dimensions.units
    let start = space.openingRows(space.startGradient, range, width: units)
    for (place, opening) in range.enumerated() {
      start.row(place).update(
        from: inputGradient.row(Int(space.openings[opening])), count: units)
    }
    VectorKernels.tanhBackward(
      output: space.openingRows(space.starts, range, width: units).base, gradient: start.base,
      count: range.count * units)
    let next = space.openingRows(space.nextGradient, range, width: units)
    MatrixProduct.multiply(
      start, .plain, parameters.matrix(layout.sessionStartWeight), .transposed, into: next)
    for (place, opening) in range.enumerated() {
      VectorKernels.add(
        space.userGradient.base + Int(space.openings[opening]) * units, to: next.row(place),
        count: units)
    }
    let gates = space.openingRows(space.userGates, range, width: 4 * units)
    GatedRecurrentUnit.backward(
      gates: gates.base, previous: space.openingRows(space.userPrevious, range, width: units).base,
      stateGradient: next.base, previousGradient: next.base, adding: false, rows: range.count,
      units: units)
    MatrixProduct.multiply(
      gates.columns(units..<4 * units), .plain, parameters.matrix(layout.userRecurrentWeight),
      .transposed, into: next, adding: true)
    for (place, opening) in range.enumerated() {
      let row = Int(space.openings[opening])
      (space.userGradient.base + row * units).update(from: next.row(place), count: units)
    }
    // The user's gradient is taken away; the memory now takes the last session's end.
    MatrixProduct.multiply(
      gates.columns(0..<3 * units), .plain, parameters.matrix(layout.userInputWeight),
      .transposed, into: next)
    for (place, opening) in range.enumerated() {
      inputGradient.row(Int(space.openings[opening])).update(from: next.row(place), count: units)
    }
  }

  /// The weights that the openings use, over all of them at once.
  private func openingWeights(_ space: SequenceWorkspace, _ gradient: FloatBuffer) {
    let units = dimensions.units
    let range = 0..<space.openings.count
    if range.isEmpty { return }
    let gates = space.openingRows(space.userGates, range, width: 4 * units)
    MatrixProduct.multiply(
      space.openingRows(space.userInput, range, width: units), .transposed,
      gates.columns(0..<3 * units), into: gradient.matrix(layout.userInputWeight), adding: true)
    MatrixProduct.multiply(
      space.openingRows(space.userPrevious, range, width: units), .transposed,
      gates.columns(units..<4 * units), into: gradient.matrix(layout.userRecurrentWeight),
      adding: true)
    VectorKernels.addColumnSums(of: gates, to: gradient.pointer(layout.userBias))
    let start = space.openingRows(space.startGradient, range, width: units)
    MatrixProduct.multiply(
      space.openingRows(space.userNext, range, width: units), .transposed, start,
      into: gradient.matrix(layout.sessionStartWeight), adding: true)
    VectorKernels.addColumnSums(of: start, to: gradient.pointer(layout.sessionStartBias))
  }
}
