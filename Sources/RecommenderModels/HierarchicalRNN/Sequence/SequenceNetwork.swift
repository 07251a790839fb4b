internal import InteractionData
internal import LinearAlgebra

/// The sequence form of the network: every event predicts the next one.
///
/// Inside a session the session layer reads the items' embeddings. When a pause ends a session,
/// the user layer reads the session's last state, and the next session starts from
/// `tanh(user · W + b)` (Quadrana et al. 2017, the Init form). The state after an event predicts
/// the next event, whether that opens a session or not.
final class SequenceNetwork: @unchecked Sendable {
  let layout: SequenceLayout
  let parameters: FloatBuffer

  var dimensions: SequenceDimensions { layout.dimensions }

  init(_ dimensions: SequenceDimensions) {
    layout = SequenceLayout(dimensions)
    parameters = FloatBuffer(count: layout.arenaCount)
  }

  /// Sets random weights, uniform within 1/√inputs as is usual, and biases of 0.
  func randomise(seed: UInt64) {
    for (index, slot) in layout.slots.enumerated() {
      var generator = SeededGenerator(seed: seed, stream: UInt64(index))
      let values = parameters.pointer(slot)
      let inputs =
        slot.name == layout.itemEmbedding.name
        ? slot.columns : slot.columns == 3 * dimensions.units ? dimensions.units : slot.rows
      let bound = slot.decays ? 1 / Double(inputs).squareRoot() : 0
      for place in 0..<slot.count {
        values[place] = Float((2 * generator.nextUnitDouble() - 1) * bound)
      }
    }
  }

  /// Runs the recurrent layers over a shard whose events are in the workspace.
  func forward(_ space: SequenceWorkspace, dropout: DropoutPlan = DropoutPlan()) {
    let (units, embedding) = (dimensions.units, dimensions.embedding)
    let embedded = space.all(space.embedded, width: embedding)
    let table = parameters.matrix(layout.itemEmbedding)
    for place in 0..<embedded.rows {
      embedded.row(place).update(from: table.row(Int(space.events[place].item)), count: embedding)
    }
    if dropout.share > 0 {
      VectorKernels.dropout(
        embedded.base, into: embedded.base, count: embedded.rows * embedding,
        share: dropout.share, key: dropout.projectionKey)
    }
    let gates = space.all(space.gates, width: 4 * units)
    PanelNetwork.fill(gates, with: parameters.pointer(layout.sessionBias))
    MatrixProduct.multiply(
      embedded, parameters.matrix(layout.sessionInputWeight), into: gates.columns(0..<3 * units),
      adding: true)
    space.userState.zero()
    for step in 0..<space.shape.stepCount {
      let input = space.block(space.inputs, step, width: units)
      if step == 0 {
        PanelNetwork.fill(input, with: parameters.pointer(layout.sessionStartBias))
        VectorKernels.tanh(input.base, count: input.rows * units)
      } else {
        let before = space.block(space.states, step - 1, width: units)
        input.base.update(from: before.base, count: input.rows * units)
        openSessions(space, step: step, input: input)
      }
      let block = space.block(space.gates, step, width: 4 * units)
      MatrixProduct.multiply(
        input, parameters.matrix(layout.sessionRecurrentWeight),
        into: block.columns(units..<4 * units), adding: true)
      GatedRecurrentUnit.forward(
        gates: block.base, previous: input.base,
        state: space.block(space.states, step, width: units).base, rows: block.rows, units: units)
    }
  }

  /// Where a session begins: the user layer reads the last one, and gives the new one its start.
  private func openSessions(_ space: SequenceWorkspace, step: Int, input: MatrixView) {
    let range = space.openings(of: step)
    if range.isEmpty { return }
    let units = dimensions.units
    let sessionEnd = space.openingRows(space.userInput, range, width: units)
    let previous = space.openingRows(space.userPrevious, range, width: units)
    for (place, opening) in range.enumerated() {
      let row = Int(space.openings[opening])
      sessionEnd.row(place).update(from: input.row(row), count: units)
      previous.row(place).update(from: space.userState.base + row * units, count: units)
    }
    let gates = space.openingRows(space.userGates, range, width: 4 * units)
    PanelNetwork.fill(gates, with: parameters.pointer(layout.userBias))
    MatrixProduct.multiply(
      sessionEnd, parameters.matrix(layout.userInputWeight), into: gates.columns(0..<3 * units),
      adding: true)
    MatrixProduct.multiply(
      previous, parameters.matrix(layout.userRecurrentWeight),
      into: gates.columns(units..<4 * units), adding: true)
    let next = space.openingRows(space.userNext, range, width: units)
    GatedRecurrentUnit.forward(
      gates: gates.base, previous: previous.base, state: next.base, rows: range.count,
      units: units)
    let start = space.openingRows(space.starts, range, width: units)
    PanelNetwork.fill(start, with: parameters.pointer(layout.sessionStartBias))
    MatrixProduct.multiply(
      next, parameters.matrix(layout.sessionStartWeight), into: start, adding: true)
    VectorKernels.tanh(start.base, count: range.count * units)
    for (place, opening) in range.enumerated() {
      let row = Int(space.openings[opening])
      input.row(row).update(from: start.row(place), count: units)
      (space.userState.base + row * units).update(from: next.row(place), count: units)
    }
  }

  /// Writes the logits after each row's last event.
  ///
  /// - Parameters:
  ///   - space: after ``forward(_:dropout:)``.
  ///   - stepCounts: the number of events of each row; a row without any starts a session.
  ///   - write: called with each row and its logits, `[items]`.
  func decodeLast(
    _ space: SequenceWorkspace, stepCounts: [Int],
    write: (Int, UnsafePointer<Float>) -> Void
  ) {
    let (units, items) = (dimensions.units, dimensions.items)
    let input = MatrixView(space.decoderInput.base, rows: stepCounts.count, columns: units)
    for (row, count) in stepCounts.enumerated() {
      if count == 0 {
        input.row(row).update(
          from: parameters.pointer(layout.sessionStartBias), count: units)
        VectorKernels.tanh(input.row(row), count: units)
      } else {
        let place = space.shape.stepOffsets[count - 1] + row
        input.row(row).update(from: space.states.base + place * units, count: units)
      }
    }
    let projected = MatrixView(
      space.projected.base, rows: stepCounts.count, columns: dimensions.embedding)
    MatrixProduct.multiply(input, parameters.matrix(layout.outputWeight), into: projected)
    for range in Parallel.chunks(of: stepCounts.count, chunkSize: space.logitRows) {
      let logits = MatrixView(space.logits.base, rows: range.count, columns: items)
      PanelNetwork.fill(logits, with: parameters.pointer(layout.outputBias))
      MatrixProduct.multiply(
        projected.rows(range), .plain, parameters.matrix(layout.itemEmbedding), .transposed,
        into: logits, adding: true)
      for (place, row) in range.enumerated() { write(row, logits.row(place)) }
    }
  }
}
