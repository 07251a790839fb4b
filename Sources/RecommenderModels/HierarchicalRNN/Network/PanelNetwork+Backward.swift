internal import InteractionData
internal import LinearAlgebra

extension PanelNetwork {
  /// Takes the logits' gradient back to every parameter.
  ///
  /// - Parameters:
  ///   - space: after ``decode(_:dropout:plan:)``; its gates are overwritten.
  ///   - dropout: the same as there.
  ///   - gradient: laid out as the parameters; every tensor is added to.
  func backward(_ space: PanelWorkspace, dropout: DropoutPlan, into gradient: FloatBuffer) {
    let user = dimensions.userUnits
    let projectionGradient = space.perRow(
      space.projectionGradient, width: dimensions.attributeUnits)
    decoderBackward(space, dropout, gradient, projectionGradient)
    for step in stride(from: space.stepCount - 1, through: 0, by: -1) {
      stepBackward(space, step: step, gradient)
    }
    let gates = space.all(space.gates, width: 4 * user)
    let previous = space.all(space.previous, width: user)
    MatrixProduct.multiply(
      previous, .transposed, gates.columns(user..<4 * user),
      into: gradient.matrix(layout.userRecurrentWeight), adding: true)
    VectorKernels.addColumnSums(of: gates, to: gradient.pointer(layout.userBias))
    if dimensions.sessionUnits > 0 { sessionWeightsBackward(space, gradient) }
    featureBackward(space, gates: gates, gradient)
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
    let ages = gradient.pointer(layout.ageWeight)
    let months = gradient.pointer(layout.monthBias)
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: HoldingsPanel.itemLimit) { indexes in
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
          let count = PanelFeatures.writeBits(item.held, base: 0, into: base, at: 0)
          VectorKernels.addToRows(
            UnsafeBufferPointer(start: base, count: count), of: held, width: items,
            source: source)
          for age in space.ages(at: place) { ages[Int(age)] += source[Int(age) % items] }
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
  private func stepBackward(_ space: PanelWorkspace, step: Int, _ gradient: FloatBuffer) {
    let user = dimensions.userUnits
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
    if dimensions.sessionUnits > 0 {
      sessionBackward(space, step: step, gates: gates, before: before, gradient)
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
    for step in 0..<space.stepCount {
      for row in 0..<space.activeRows[step] {
        let place = space.stepOffsets[step] + row
        let source = gates.row(place)
        VectorKernels.add(source, to: sums.row(row), count: width)
        VectorKernels.addToRows(
          space.features(at: place), of: features, width: width, source: source)
      }
    }
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
