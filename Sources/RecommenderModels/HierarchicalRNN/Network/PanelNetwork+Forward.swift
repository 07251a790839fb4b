internal import LinearAlgebra

/// What is left out at random in a pass; nothing when scoring.
struct DropoutPlan {
  var share: Float = 0
  var key: UInt64 = 0

  var projectionKey: UInt64 { key &* 2 }
  var decoderKey: UInt64 { key &* 2 &+ 1 }
}

extension PanelNetwork {
  /// Runs the recurrent layers over a shard whose steps and attributes are in the workspace.
  func forward(_ space: PanelWorkspace, dropout: DropoutPlan = DropoutPlan()) {
    project(space, dropout)
    let session = dimensions.sessionUnits
    for step in 0..<space.stepCount {
      let previous = space.block(space.previous, step, width: dimensions.userUnits)
      let start = space.block(space.sessionStart, step, width: session)
      Self.fill(start, with: parameters.pointer(layout.sessionStartBias))
      MatrixProduct.multiply(
        previous, parameters.matrix(layout.sessionStartWeight), into: start, adding: true)
      VectorKernels.tanh(start.base, count: start.rows * session)
      let end = space.block(space.sessionEnd, step, width: session)
      end.base.update(from: start.base, count: start.rows * session)
      runSessions(space, step: step, end: end)
      advance(space, step: step, previous: previous, sessionEnd: end)
    }
  }

  /// What depends on the attributes alone, once a customer: their projection, the first state,
  /// the projection's part of the gates and of the logits.
  private func project(_ space: PanelWorkspace, _ dropout: DropoutPlan) {
    let width = dimensions.attributeUnits
    let user = dimensions.userUnits
    let projection = space.perRow(space.projection, width: width)
    Self.fill(projection, with: parameters.pointer(layout.attributeBias))
    MatrixProduct.multiply(
      space.perRow(space.attributes, width: dimensions.attributeFeatures),
      parameters.matrix(layout.attributeWeight), into: projection, adding: true)
    VectorKernels.tanh(projection.base, count: projection.rows * width)
    let dropped = space.perRow(space.droppedProjection, width: width)
    if dropout.share > 0 {
      VectorKernels.dropout(
        projection.base, into: dropped.base, count: projection.rows * width,
        share: dropout.share, key: dropout.projectionKey)
    } else {
      dropped.base.update(from: projection.base, count: projection.rows * width)
    }
    let initial = MatrixView(space.previous.base, rows: space.rows, columns: user)
    Self.fill(initial, with: parameters.pointer(layout.initialBias))
    MatrixProduct.multiply(
      dropped, parameters.matrix(layout.initialWeight), into: initial, adding: true)
    VectorKernels.tanh(initial.base, count: initial.rows * user)
    let gates = space.perRow(space.projectionGates, width: 3 * user)
    Self.fill(gates, with: parameters.pointer(layout.userBias))
    MatrixProduct.multiply(
      dropped, parameters.matrix(layout.attributeInputWeight), into: gates, adding: true)
    let logits = space.perRow(space.projectionLogits, width: dimensions.items)
    Self.fill(logits, with: parameters.pointer(layout.outputBias))
    MatrixProduct.multiply(
      dropped, parameters.matrix(layout.attributeOutputWeight), into: logits, adding: true)
  }

  /// Runs the session layer over one month's events, for the rows that have any.
  private func runSessions(_ space: PanelWorkspace, step: Int, end: MatrixView) {
    let rows = space.sessions.rows(of: step)
    if rows.isEmpty { return }
    let width = dimensions.sessionUnits
    let state = space.eventState.base
    for (place, row) in rows.enumerated() {
      (state + place * width).update(
        from: end.row(Int(space.sessions.rows[row])), count: width)
    }
    for block in space.sessions.blocks(of: step) {
      let block = space.sessions.blocks[block]
      let previous = MatrixView(
        space.eventPrevious.base + block.offset * width, rows: block.count, columns: width)
      previous.base.update(from: state, count: block.count * width)
      let gates = MatrixView(
        space.eventGates.base + block.offset * 4 * width, rows: block.count, columns: 4 * width)
      Self.fill(gates, with: parameters.pointer(layout.sessionBias))
      for place in 0..<block.count {
        let event = Int(space.sessions.events[block.offset + place])
        VectorKernels.add(
          eventTable.base + event * 3 * width, to: gates.row(place), count: 3 * width)
      }
      MatrixProduct.multiply(
        previous, parameters.matrix(layout.sessionRecurrentWeight),
        into: gates.columns(width..<4 * width), adding: true)
      GatedRecurrentUnit.forward(
        gates: gates.base, previous: previous.base, state: state, rows: block.count, units: width)
    }
    for (place, row) in rows.enumerated() {
      end.row(Int(space.sessions.rows[row])).update(from: state + place * width, count: width)
    }
  }

  /// Advances the user layer by one month.
  private func advance(
    _ space: PanelWorkspace, step: Int, previous: MatrixView, sessionEnd: MatrixView
  ) {
    let user = dimensions.userUnits
    let gates = space.block(space.gates, step, width: 4 * user)
    let recurrentBias = parameters.pointer(layout.userBias) + 3 * user
    let features = parameters.pointer(layout.featureWeight)
    let first = space.stepOffsets[step]
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: PanelStep.featureLimit) { indexes in
      guard let base = indexes.baseAddress else { return }
      for row in 0..<gates.rows {
        let gate = gates.row(row)
        gate.update(from: space.projectionGates.base + row * 3 * user, count: 3 * user)
        (gate + 3 * user).update(from: recurrentBias, count: user)
        let count = space.steps[first + row].writeFeatures(into: base, items: dimensions.items)
        VectorKernels.addRows(
          UnsafeBufferPointer(start: base, count: count), of: features, width: 3 * user, to: gate)
      }
    }
    MatrixProduct.multiply(
      sessionEnd, parameters.matrix(layout.sessionEndWeight),
      into: gates.columns(0..<3 * user), adding: true)
    MatrixProduct.multiply(
      previous, parameters.matrix(layout.userRecurrentWeight),
      into: gates.columns(user..<4 * user), adding: true)
    let states = space.block(space.states, step, width: user)
    GatedRecurrentUnit.forward(
      gates: gates.base, previous: previous.base, state: states.base, rows: gates.rows,
      units: user)
    if step + 1 < space.stepCount {
      let next = space.block(space.previous, step + 1, width: user)
      next.base.update(from: states.base, count: next.rows * user)
    }
  }
}
