internal import LinearAlgebra

/// What is left out at random in a pass; nothing when scoring.
struct DropoutPlan {
  var share: Float = 0
  var key: UInt64 = 0

  var projectionKey: UInt64 { key &* 2 }
  var decoderKey: UInt64 { key &* 2 &+ 1 }
  /// Without a panel, where the projection key is that of the events.
  var attributeKey: UInt64 { key &* 2 &+ 0x5851_f42d_4c95_7f2d }
}

extension PanelNetwork {
  /// Runs the recurrent layers over a shard whose steps and attributes are in the workspace.
  func forward(_ space: PanelWorkspace, dropout: DropoutPlan = DropoutPlan()) {
    project(space, dropout)
    advance(space)
  }

  /// Runs the recurrent layers from the states that stand before each row's first step.
  ///
  /// - Parameter space: after ``project(_:_:)``.
  func advance(_ space: PanelWorkspace) {
    for step in 0..<space.stepCount {
      if dimensions.sessionUnits > 0 { sessionForward(space, step: step) }
      advance(space, step: step)
    }
  }

  /// What depends on the attributes alone, once a customer: their projection, the first state,
  /// the projection's part of the gates and of the logits.
  func project(_ space: PanelWorkspace, _ dropout: DropoutPlan = DropoutPlan()) {
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

  /// Advances the user layer by one month.
  private func advance(_ space: PanelWorkspace, step: Int) {
    let user = dimensions.userUnits
    let previous = space.block(space.previous, step, width: user)
    let gates = space.block(space.gates, step, width: 4 * user)
    let recurrentBias = parameters.pointer(layout.userBias) + 3 * user
    let features = parameters.pointer(layout.featureWeight)
    let first = space.stepOffsets[step]
    for row in 0..<gates.rows {
      let gate = gates.row(row)
      gate.update(from: space.projectionGates.base + row * 3 * user, count: 3 * user)
      (gate + 3 * user).update(from: recurrentBias, count: user)
      VectorKernels.addRows(
        space.features(at: first + row), of: features, width: 3 * user, to: gate)
    }
    MatrixProduct.multiply(
      space.block(space.sessionEnd, step, width: dimensions.sessionUnits),
      parameters.matrix(layout.sessionEndWeight), into: gates.columns(0..<3 * user), adding: true)
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
