internal import LinearAlgebra

/// What a pass of training is to do.
struct SequencePass {
  var loss = SequenceLoss.softmax
  var dropout = DropoutPlan()
  /// A factor of the gradient.
  var scale: Float = 1
  /// Gradients do not flow back over events whose number is a multiple of this.
  var bptt = Int.max
}

extension SequenceNetwork {
  /// The loss of all events of a shard and its gradient by every parameter.
  ///
  /// - Parameters:
  ///   - space: after ``forward(_:_:dropout:)``; its gates are overwritten.
  ///   - items: the same as there.
  ///   - pass: what to do; its dropout the same as there.
  ///   - gradient: added to; that of the items' embeddings is by the rows of length 1.
  /// - Returns: the sum of the events' losses, not scaled.
  func decodeAndBackward(
    _ space: SequenceWorkspace, _ items: ItemRows, _ pass: SequencePass,
    into gradient: SequenceGradient
  ) -> Double {
    let (units, embedding) = (dimensions.units, dimensions.embedding)
    let dense = gradient.buffer
    let loss = decoderBackward(space, items, pass, gradient)
    space.userGradient.zero()
    space.userPartGradient.zero()
    space.attributes.startGradient.zero()
    for step in stride(from: space.shape.stepCount - 1, through: 0, by: -1) {
      stepBackward(space, step: step, pass, dense)
    }
    let gates = space.all(space.gates, width: 4 * units)
    MatrixProduct.multiply(
      space.all(space.inputs, width: units), .transposed, gates.columns(units..<4 * units),
      into: dense.matrix(layout.sessionRecurrentWeight), adding: true)
    VectorKernels.addColumnSums(of: gates, to: dense.pointer(layout.sessionBias))
    openingWeights(space, dense)
    attributesBackward(space, pass.dropout, dense)
    let embedded = space.all(space.embedded, width: embedding)
    let input = gates.columns(0..<3 * units)
    MatrixProduct.multiply(
      embedded, .transposed, input, into: dense.matrix(layout.sessionInputWeight), adding: true)
    // The embedded events are done with; their memory takes their gradient.
    MatrixProduct.multiply(
      input, .plain, parameters.matrix(layout.sessionInputWeight), .transposed, into: embedded)
    if pass.dropout.share > 0 {
      VectorKernels.dropout(
        embedded.base, into: embedded.base, count: embedded.rows * embedding,
        share: pass.dropout.share, key: pass.dropout.projectionKey)
    }
    for place in 0..<embedded.rows {
      VectorKernels.add(
        embedded.row(place), times: inputScale,
        to: gradient.embeddings.row(Int(space.events[place].item)), count: embedding)
    }
    return loss
  }

  private func decoderBackward(
    _ space: SequenceWorkspace, _ items: ItemRows, _ pass: SequencePass,
    _ gradient: SequenceGradient
  ) -> Double {
    let (units, dropout) = (dimensions.units, pass.dropout)
    let dense = gradient.buffer
    let input = space.all(space.decoderInput, width: units)
    input.base.update(from: space.states.base, count: input.rows * units)
    if dropout.share > 0 {
      VectorKernels.dropout(
        input.base, into: input.base, count: input.rows * units, share: dropout.share,
        key: dropout.decoderKey)
    }
    let rows = layout.attributes == nil ? [] : space.rowsOfPlaces
    let queries = self.queries(of: input, space) { Int(rows[$0]) }
    let queryGradient = space.all(space.queryGradient, width: dimensions.embedding)
    var loss = 0.0
    for range in Parallel.chunks(of: input.rows, chunkSize: space.logitRows(items.count)) {
      let part = queries.rows(range)
      let logits = self.logits(of: part, items, space)
      for (row, place) in range.enumerated() {
        let event = space.events[place]
        loss +=
          Double(event.weight)
          * pass.loss.apply(
            logits.row(row), count: items.count, target: Int(event.next),
            scale: pass.scale * event.weight)
      }
      MatrixProduct.multiply(logits, items.embeddings, into: queryGradient.rows(range))
      MatrixProduct.multiply(
        logits, .transposed, part, into: gradient.embeddings, adding: true)
      VectorKernels.addColumnSums(of: logits, to: gradient.biases)
    }
    dense.pointer(layout.outputScale).pointee += Float(
      VectorKernels.normalizeRowsBackward(
        queries, scale: queryLength, lengths: space.queryLengths.base,
        gradient: queryGradient.base))
    collectQueryGradient(queryGradient, rows: rows, space)
    MatrixProduct.multiply(
      input, .transposed, queryGradient, into: dense.matrix(layout.outputWeight), adding: true)
    let states = space.all(space.stateGradient, width: units)
    MatrixProduct.multiply(
      queryGradient, .plain, parameters.matrix(layout.outputWeight), .transposed, into: states)
    if dropout.share > 0 {
      VectorKernels.dropout(
        states.base, into: states.base, count: states.rows * units, share: dropout.share,
        key: dropout.decoderKey)
    }
    return loss
  }

  /// One event of all rows, back to the state before it.
  private func stepBackward(
    _ space: SequenceWorkspace, step: Int, _ pass: SequencePass, _ gradient: FloatBuffer
  ) {
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
    if dimensions.propagatesUser && step > 0 {
      for row in 0..<gates.rows {
        VectorKernels.add(
          gates.row(row), to: space.userPartGradient.base + row * 3 * units, count: 3 * units)
      }
    }
    if step == 0 {
      VectorKernels.tanhBackward(
        output: input.base, gradient: inputGradient.base, count: gates.rows * units)
      VectorKernels.addColumnSums(
        of: inputGradient, to: gradient.pointer(layout.sessionStartBias))
      for row in 0..<inputGradient.rows { collectStartGradient(inputGradient.row(row), row, space) }
      return
    }
    openingBackward(space, step: step, inputGradient: inputGradient)
    if step % pass.bptt == 0 { return }
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
    for (place, opening) in range.enumerated() {
      collectStartGradient(start.row(place), Int(space.openings[opening]), space)
    }
    let next = space.openingRows(space.nextGradient, range, width: units)
    MatrixProduct.multiply(
      start, .plain, parameters.matrix(layout.sessionStartWeight), .transposed, into: next)
    propagationBackward(space, range, next: next)
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

  /// What the events of the sessions that open here want of the user's state, where it reaches
  /// them.
  private func propagationBackward(
    _ space: SequenceWorkspace, _ range: Range<Int>, next: MatrixView
  ) {
    guard let weight = layout.sessionUserWeight else { return }
    let width = 3 * dimensions.units
    let part = space.openingRows(space.partGradient, range, width: width)
    for (place, opening) in range.enumerated() {
      let collected = space.userPartGradient.base + Int(space.openings[opening]) * width
      part.row(place).update(from: collected, count: width)
      collected.update(repeating: 0, count: width)
    }
    MatrixProduct.multiply(
      part, .plain, parameters.matrix(weight), .transposed, into: next, adding: true)
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
    guard let weight = layout.sessionUserWeight else { return }
    MatrixProduct.multiply(
      space.openingRows(space.userNext, range, width: units), .transposed,
      space.openingRows(space.partGradient, range, width: 3 * units),
      into: gradient.matrix(weight), adding: true)
  }
}
