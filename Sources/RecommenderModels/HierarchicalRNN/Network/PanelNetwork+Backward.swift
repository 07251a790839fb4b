internal import LinearAlgebra

extension PanelNetwork {
  /// Takes the logits' gradient back to every parameter.
  ///
  /// - Parameters:
  ///   - space: after ``decode(_:dropout:plan:)``; its gates are overwritten.
  ///   - dropout: the same as there.
  ///   - gradient: laid out as the parameters; every tensor is added to.
  func backward(_ space: PanelWorkspace, dropout: DropoutPlan, into gradient: FloatBuffer) {
    let (user, session) = (dimensions.userUnits, dimensions.sessionUnits)
    let projectionGradient = space.perRow(
      space.projectionGradient, width: dimensions.attributeUnits)
    decoderBackward(space, dropout, gradient, projectionGradient)
    for step in stride(from: space.stepCount - 1, through: 0, by: -1) {
      stepBackward(space, step: step)
    }
    let gates = space.all(space.gates, width: 4 * user)
    let previous = space.all(space.previous, width: user)
    MatrixProduct.multiply(
      previous, .transposed, gates.columns(user..<4 * user),
      into: gradient.matrix(layout.userRecurrentWeight), adding: true)
    MatrixProduct.multiply(
      space.all(space.sessionEnd, width: session), .transposed, gates.columns(0..<3 * user),
      into: gradient.matrix(layout.sessionEndWeight), adding: true)
    VectorKernels.addColumnSums(of: gates, to: gradient.pointer(layout.userBias))
    // The session's start: its gradient has become that of tanh's argument.
    let start = space.all(space.sessionGradient, width: session)
    MatrixProduct.multiply(
      previous, .transposed, start, into: gradient.matrix(layout.sessionStartWeight), adding: true)
    VectorKernels.addColumnSums(of: start, to: gradient.pointer(layout.sessionStartBias))
    featureBackward(space, gates: gates, gradient)
    eventBackward(space, gradient)
    projectionBackward(space, dropout, gradient, projectionGradient)
  }

  /// The decoder: gradients of its weights, of the states, and of the attributes' projection.
  private func decoderBackward(
    _ space: PanelWorkspace, _ dropout: DropoutPlan, _ gradient: FloatBuffer,
    _ projectionGradient: MatrixView
  ) {
    let (items, user) = (dimensions.items, dimensions.userUnits)
    let logits = space.all(space.logitGradient, width: items)
    MatrixProduct.multiply(
      space.all(space.decoderInput, width: user), .transposed, logits,
      into: gradient.matrix(layout.outputWeight), adding: true)
    let states = space.all(space.stateGradient, width: user)
    MatrixProduct.multiply(
      logits, .plain, parameters.matrix(layout.outputWeight), .transposed, into: states)
    if dropout.share > 0 {
      VectorKernels.dropout(
        states.base, into: states.base, count: states.rows * user, share: dropout.share,
        key: dropout.decoderKey)
    }
    let sums = space.perRow(space.projectionLogits, width: items)
    sums.base.update(repeating: 0, count: sums.rows * items)
    let held = gradient.pointer(layout.heldWeight)
    let months = gradient.pointer(layout.monthBias)
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: PanelStep.featureLimit) { indexes in
      guard let base = indexes.baseAddress else { return }
      for step in 0..<space.stepCount {
        for row in 0..<space.activeRows[step] {
          let place = space.stepOffsets[step] + row
          let item = space.steps[place]
          guard item.hasTarget else { continue }
          let source = logits.row(place)
          VectorKernels.add(source, to: sums.row(row), count: items)
          VectorKernels.add(
            source, to: months + Int(item.targetMonthOfYear) * items, count: items)
          let count = PanelStep.writeBits(item.held, base: 0, into: base, at: 0)
          VectorKernels.addToRows(
            UnsafeBufferPointer(start: base, count: count), of: held, width: items,
            source: source)
        }
      }
    }
    VectorKernels.addColumnSums(of: sums, to: gradient.pointer(layout.outputBias))
    let projection = space.perRow(space.droppedProjection, width: dimensions.attributeUnits)
    MatrixProduct.multiply(
      projection, .transposed, sums, into: gradient.matrix(layout.attributeOutputWeight),
      adding: true)
    MatrixProduct.multiply(
      sums, .plain, parameters.matrix(layout.attributeOutputWeight), .transposed,
      into: projectionGradient)
  }

  /// One month of the user layer and its session, back to the state before.
  private func stepBackward(_ space: PanelWorkspace, step: Int) {
    let (user, session) = (dimensions.userUnits, dimensions.sessionUnits)
    let gates = space.block(space.gates, step, width: 4 * user)
    let rows = gates.rows
    // The rows of this step are the first rows of the step before.
    let before = MatrixView(
      step > 0
        ? space.stateGradient.base + space.stepOffsets[step - 1] * user
        : space.initialGradient.base,
      rows: rows, columns: user)
    GatedRecurrentUnit.backward(
      gates: gates.base, previous: space.block(space.previous, step, width: user).base,
      stateGradient: space.block(space.stateGradient, step, width: user).base,
      previousGradient: before.base, adding: step > 0, rows: rows, units: user)
    MatrixProduct.multiply(
      gates.columns(user..<4 * user), .plain, parameters.matrix(layout.userRecurrentWeight),
      .transposed, into: before, adding: true)
    let start = space.block(space.sessionGradient, step, width: session)
    MatrixProduct.multiply(
      gates.columns(0..<3 * user), .plain, parameters.matrix(layout.sessionEndWeight),
      .transposed, into: start)
    sessionBackward(space, step: step, gradient: start)
    VectorKernels.tanhBackward(
      output: space.block(space.sessionStart, step, width: session).base, gradient: start.base,
      count: rows * session)
    MatrixProduct.multiply(
      start, .plain, parameters.matrix(layout.sessionStartWeight), .transposed, into: before,
      adding: true)
  }

  /// One month's events: the gradient of the session's end becomes that of its start.
  private func sessionBackward(_ space: PanelWorkspace, step: Int, gradient: MatrixView) {
    let rows = space.sessions.rows(of: step)
    if rows.isEmpty { return }
    let width = dimensions.sessionUnits
    let state = space.eventState.base
    for (place, row) in rows.enumerated() {
      (state + place * width).update(
        from: gradient.row(Int(space.sessions.rows[row])), count: width)
    }
    for block in space.sessions.blocks(of: step).reversed() {
      let block = space.sessions.blocks[block]
      let gates = MatrixView(
        space.eventGates.base + block.offset * 4 * width, rows: block.count, columns: 4 * width)
      GatedRecurrentUnit.backward(
        gates: gates.base, previous: space.eventPrevious.base + block.offset * width,
        stateGradient: state, previousGradient: state, adding: false, rows: block.count,
        units: width)
      MatrixProduct.multiply(
        gates.columns(width..<4 * width), .plain,
        parameters.matrix(layout.sessionRecurrentWeight), .transposed,
        into: MatrixView(state, rows: block.count, columns: width), adding: true)
    }
    for (place, row) in rows.enumerated() {
      gradient.row(Int(space.sessions.rows[row])).update(
        from: state + place * width, count: width)
    }
  }

  /// The weights of the steps' features, and the sum over steps for the attributes' projection.
  private func featureBackward(
    _ space: PanelWorkspace, gates: MatrixView, _ gradient: FloatBuffer
  ) {
    let width = 3 * dimensions.userUnits
    let features = gradient.pointer(layout.featureWeight)
    let sums = space.perRow(space.projectionGates, width: width)
    sums.base.update(repeating: 0, count: sums.rows * width)
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: PanelStep.featureLimit) { indexes in
      guard let base = indexes.baseAddress else { return }
      for step in 0..<space.stepCount {
        for row in 0..<space.activeRows[step] {
          let place = space.stepOffsets[step] + row
          let source = gates.row(place)
          VectorKernels.add(source, to: sums.row(row), count: width)
          let count = space.steps[place].writeFeatures(into: base, items: dimensions.items)
          VectorKernels.addToRows(
            UnsafeBufferPointer(start: base, count: count), of: features, width: width,
            source: source)
        }
      }
    }
  }

  /// The session layer's weights, from the gradients of all events' gates.
  private func eventBackward(_ space: PanelWorkspace, _ gradient: FloatBuffer) {
    let width = dimensions.sessionUnits
    let count = space.sessions.eventCount
    if count == 0 { return }
    let gates = MatrixView(space.eventGates.base, rows: count, columns: 4 * width)
    MatrixProduct.multiply(
      MatrixView(space.eventPrevious.base, rows: count, columns: width), .transposed,
      gates.columns(width..<4 * width), into: gradient.matrix(layout.sessionRecurrentWeight),
      adding: true)
    VectorKernels.addColumnSums(of: gates, to: gradient.pointer(layout.sessionBias))
    space.tableGradient.zero()
    space.sessions.events.withUnsafeBufferPointer { events in
      for place in 0..<count {
        VectorKernels.addToRows(
          UnsafeBufferPointer(rebasing: events[place..<place + 1]), of: space.tableGradient.base,
          width: 3 * width, source: gates.row(place))
      }
    }
    let table = MatrixView(
      space.tableGradient.base, rows: 2 * dimensions.items, columns: 3 * width)
    MatrixProduct.multiply(
      parameters.matrix(layout.eventEmbedding), .transposed, table,
      into: gradient.matrix(layout.sessionInputWeight), adding: true)
    MatrixProduct.multiply(
      table, .plain, parameters.matrix(layout.sessionInputWeight), .transposed,
      into: gradient.matrix(layout.eventEmbedding), adding: true)
  }

  /// The attributes' projection and the first state.
  private func projectionBackward(
    _ space: PanelWorkspace, _ dropout: DropoutPlan, _ gradient: FloatBuffer,
    _ projectionGradient: MatrixView
  ) {
    let (user, width) = (dimensions.userUnits, dimensions.attributeUnits)
    let dropped = space.perRow(space.droppedProjection, width: width)
    let sums = space.perRow(space.projectionGates, width: 3 * user)
    MatrixProduct.multiply(
      dropped, .transposed, sums, into: gradient.matrix(layout.attributeInputWeight),
      adding: true)
    MatrixProduct.multiply(
      sums, .plain, parameters.matrix(layout.attributeInputWeight), .transposed,
      into: projectionGradient, adding: true)
    let initial = space.perRow(space.initialGradient, width: user)
    VectorKernels.tanhBackward(
      output: space.previous.base, gradient: initial.base, count: initial.rows * user)
    MatrixProduct.multiply(
      dropped, .transposed, initial, into: gradient.matrix(layout.initialWeight), adding: true)
    VectorKernels.addColumnSums(of: initial, to: gradient.pointer(layout.initialBias))
    MatrixProduct.multiply(
      initial, .plain, parameters.matrix(layout.initialWeight), .transposed,
      into: projectionGradient, adding: true)
    let count = projectionGradient.rows * width
    if dropout.share > 0 {
      VectorKernels.dropout(
        projectionGradient.base, into: projectionGradient.base, count: count,
        share: dropout.share, key: dropout.projectionKey)
    }
    VectorKernels.tanhBackward(
      output: space.projection.base, gradient: projectionGradient.base, count: count)
    MatrixProduct.multiply(
      space.perRow(space.attributes, width: dimensions.attributeFeatures), .transposed,
      projectionGradient, into: gradient.matrix(layout.attributeWeight), adding: true)
    VectorKernels.addColumnSums(
      of: projectionGradient, to: gradient.pointer(layout.attributeBias))
  }
}
