internal import LinearAlgebra

/// The session layer: the events of a month, started from the user state before it.
extension PanelNetwork {
  /// Runs one month's session: its start for every row, its events for the rows that have any.
  func sessionForward(_ space: PanelWorkspace, step: Int) {
    let width = dimensions.sessionUnits
    let previous = space.block(space.previous, step, width: dimensions.userUnits)
    let start = space.block(space.sessionStart, step, width: width)
    Self.fill(start, with: parameters.pointer(layout.sessionStartBias))
    MatrixProduct.multiply(
      previous, parameters.matrix(layout.sessionStartWeight), into: start, adding: true)
    VectorKernels.tanh(start.base, count: start.rows * width)
    let end = space.block(space.sessionEnd, step, width: width)
    end.base.update(from: start.base, count: start.rows * width)
    let rows = space.sessions.rows(of: step)
    if rows.isEmpty { return }
    if dimensions.propagatesUserState { userGates(space, step: step) }
    let state = space.eventState.base
    for (place, row) in rows.enumerated() {
      (state + place * width).update(
        from: end.row(Int(space.sessions.rows[row])), count: width)
    }
    for block in space.sessions.blocks(of: step) {
      eventForward(space, space.sessions.blocks[block], state: state)
    }
    for (place, row) in rows.enumerated() {
      end.row(Int(space.sessions.rows[row])).update(from: state + place * width, count: width)
    }
  }

  /// What the user state adds to the gates of each event of a month, for the rows with events.
  private func userGates(_ space: PanelWorkspace, step: Int) {
    MatrixProduct.multiply(
      eventRows(space, step: step), parameters.matrix(layout.sessionUserWeight),
      into: eventUserGates(space, step: step))
  }

  private func eventUserGates(_ space: PanelWorkspace, step: Int) -> MatrixView {
    MatrixView(
      space.eventUserGates.base, rows: space.sessions.rows(of: step).count,
      columns: 3 * dimensions.sessionUnits)
  }

  /// The user states before a month, of the rows with events in it.
  private func eventRows(_ space: PanelWorkspace, step: Int) -> MatrixView {
    let user = dimensions.userUnits
    let rows = space.sessions.rows(of: step)
    let previous = space.block(space.previous, step, width: user)
    let states = MatrixView(space.eventUser.base, rows: rows.count, columns: user)
    for (place, row) in rows.enumerated() {
      states.row(place).update(from: previous.row(Int(space.sessions.rows[row])), count: user)
    }
    return states
  }

  /// The `k`-th events of one month's rows.
  private func eventForward(
    _ space: PanelWorkspace, _ block: SessionBlocks.Block, state: UnsafeMutablePointer<Float>
  ) {
    let width = dimensions.sessionUnits
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
      if dimensions.propagatesUserState {
        VectorKernels.add(
          space.eventUserGates.base + place * 3 * width, to: gates.row(place), count: 3 * width)
      }
    }
    MatrixProduct.multiply(
      previous, parameters.matrix(layout.sessionRecurrentWeight),
      into: gates.columns(width..<4 * width), adding: true)
    GatedRecurrentUnit.forward(
      gates: gates.base, previous: previous.base, state: state, rows: block.count, units: width)
  }

  /// Takes the gradient of one month's gates back through its session.
  ///
  /// - Parameters:
  ///   - space: the pass.
  ///   - step: the month.
  ///   - gates: the gradient of the user layer's pre-activations.
  ///   - before: the gradient of the user state before the month; is added to.
  ///   - gradient: of the parameters; is added to.
  func sessionBackward(
    _ space: PanelWorkspace, step: Int, gates: MatrixView, before: MatrixView,
    _ gradient: FloatBuffer
  ) {
    let (user, width) = (dimensions.userUnits, dimensions.sessionUnits)
    let start = space.block(space.sessionGradient, step, width: width)
    MatrixProduct.multiply(
      gates.columns(0..<3 * user), .plain, parameters.matrix(layout.sessionEndWeight),
      .transposed, into: start)
    eventsBackward(space, step: step, gradient: start)
    if dimensions.propagatesUserState {
      userGatesBackward(space, step: step, before: before, gradient)
    }
    VectorKernels.tanhBackward(
      output: space.block(space.sessionStart, step, width: width).base, gradient: start.base,
      count: start.rows * width)
    MatrixProduct.multiply(
      start, .plain, parameters.matrix(layout.sessionStartWeight), .transposed, into: before,
      adding: true)
  }

  /// One month's events: the gradient of the session's end becomes that of its start.
  private func eventsBackward(_ space: PanelWorkspace, step: Int, gradient: MatrixView) {
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

  /// The user state's part of the events' gates: it is the same for all events of a row.
  private func userGatesBackward(
    _ space: PanelWorkspace, step: Int, before: MatrixView, _ gradient: FloatBuffer
  ) {
    let rows = space.sessions.rows(of: step)
    if rows.isEmpty { return }
    let width = dimensions.sessionUnits
    let sums = eventUserGates(space, step: step)
    sums.base.update(repeating: 0, count: sums.rows * sums.columns)
    for block in space.sessions.blocks(of: step) {
      let block = space.sessions.blocks[block]
      for place in 0..<block.count {
        VectorKernels.add(
          space.eventGates.base + (block.offset + place) * 4 * width, to: sums.row(place),
          count: 3 * width)
      }
    }
    let states = eventRows(space, step: step)
    MatrixProduct.multiply(
      states, .transposed, sums, into: gradient.matrix(layout.sessionUserWeight), adding: true)
    // The states have been read: their memory takes the gradient.
    MatrixProduct.multiply(
      sums, .plain, parameters.matrix(layout.sessionUserWeight), .transposed, into: states)
    for (place, row) in rows.enumerated() {
      VectorKernels.add(
        states.row(place), to: before.row(Int(space.sessions.rows[row])),
        count: dimensions.userUnits)
    }
  }

  /// The session layer's weights, from the gradients that all months have left.
  func sessionWeightsBackward(_ space: PanelWorkspace, _ gradient: FloatBuffer) {
    let (user, width) = (dimensions.userUnits, dimensions.sessionUnits)
    let gates = space.all(space.gates, width: 4 * user)
    MatrixProduct.multiply(
      space.all(space.sessionEnd, width: width), .transposed, gates.columns(0..<3 * user),
      into: gradient.matrix(layout.sessionEndWeight), adding: true)
    // The session's start: its gradient has become that of tanh's argument.
    let start = space.all(space.sessionGradient, width: width)
    MatrixProduct.multiply(
      space.all(space.previous, width: user), .transposed, start,
      into: gradient.matrix(layout.sessionStartWeight), adding: true)
    VectorKernels.addColumnSums(of: start, to: gradient.pointer(layout.sessionStartBias))
    eventWeightsBackward(space, gradient)
  }

  /// The session layer's weights, from what all events left.
  private func eventWeightsBackward(_ space: PanelWorkspace, _ gradient: FloatBuffer) {
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
}
