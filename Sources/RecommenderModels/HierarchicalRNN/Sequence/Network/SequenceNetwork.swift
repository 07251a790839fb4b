internal import Foundation
internal import InteractionData
internal import LinearAlgebra

/// The sequence form of the network: every event predicts the next one.
///
/// Inside a session the session layer reads the items' embeddings. When a pause ends a session,
/// the user layer reads the session's last state, and the next session starts from
/// `tanh(user · W + b)` (Quadrana et al. 2017, the Init form); where the user's state is to reach
/// all events, it adds to the session layer's gates too (the All form). The state after an event
/// predicts the next event, whether that opens a session or not: its projection, given a trained
/// length, is multiplied with the items' embeddings of length 1.
///
/// Customers' attributes, where there are any, add to every session's start and to every query.
final class SequenceNetwork: @unchecked Sendable {
  let layout: SequenceLayout
  let parameters: FloatBuffer
  /// While training on a catalogue that tells something of its items: what it tells.
  let itemFeatures: ItemFeatures?
  /// The items' rows with their features in them, as of ``refreshCatalogue()``.
  let completeRows: FloatBuffer?

  var dimensions: SequenceDimensions { layout.dimensions }

  init(_ dimensions: SequenceDimensions, itemFeatures: ItemFeatures? = nil) {
    var dimensions = dimensions
    dimensions.itemFeatures = itemFeatures?.width ?? 0
    layout = SequenceLayout(dimensions)
    parameters = FloatBuffer(count: layout.arenaCount)
    self.itemFeatures = itemFeatures
    completeRows = itemFeatures.map { _ in
      FloatBuffer(count: dimensions.items * dimensions.embedding)
    }
  }

  /// The length that queries start from: with rows of length 1 it bounds how sure a prediction
  /// can be.
  private static let firstQueryLength: Float = 12

  /// Sets random weights, uniform within 1/√inputs as is usual, and biases of 0. What reads
  /// attributes and features starts at 0: one that no training event has says nothing.
  func randomise(seed: UInt64) {
    for (index, slot) in layout.slots.enumerated() {
      var generator = SeededGenerator(seed: seed, stream: UInt64(index))
      let values = parameters.pointer(slot)
      let inputs = slot.columns == 3 * dimensions.units ? dimensions.units : slot.rows
      let isTable = slot.name == layout.itemEmbedding.name
      if slot.name == layout.attributes?.weight.name || slot.name == layout.itemFeatureWeight?.name
      {
        continue
      }
      let bound = slot.decays ? 1 / Double(inputs).squareRoot() : isTable ? 1 : 0
      for place in 0..<slot.count {
        values[place] = Float((2 * generator.nextUnitDouble() - 1) * bound)
      }
    }
    parameters.pointer(layout.outputScale).pointee = log(Self.firstQueryLength)
    normaliseEmbeddings(of: 0..<dimensions.items)
  }

  /// The length of a query.
  var queryLength: Float { exp(parameters.pointer(layout.outputScale).pointee) }

  /// What embeddings are multiplied with where they are read, so that their numbers are about 1.
  var inputScale: Float { Float(dimensions.embedding).squareRoot() }

  /// Runs the recurrent layers over a shard whose events are in the workspace.
  ///
  /// - Parameters:
  ///   - space: its events name items by their places in `items`.
  ///   - items: the items.
  ///   - dropout: which units to leave out.
  func forward(
    _ space: SequenceWorkspace, _ items: ItemRows, dropout: DropoutPlan = DropoutPlan()
  ) {
    let (units, embedding) = (dimensions.units, dimensions.embedding)
    let embedded = space.all(space.embedded, width: embedding)
    embedded.base.update(repeating: 0, count: embedded.rows * embedding)
    for place in 0..<embedded.rows {
      VectorKernels.add(
        items.embeddings.row(Int(space.events[place].item)), times: inputScale,
        to: embedded.row(place), count: embedding)
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
    space.userPart.zero()
    projectAttributes(space, dropout)
    for step in 0..<space.shape.stepCount {
      let input = space.block(space.inputs, step, width: units)
      if step == 0 {
        input.base.update(from: space.attributes.starts.base, count: input.rows * units)
        VectorKernels.tanh(input.base, count: input.rows * units)
      } else {
        let before = space.block(space.states, step - 1, width: units)
        input.base.update(from: before.base, count: input.rows * units)
        openSessions(space, step: step, input: input)
      }
      let block = space.block(space.gates, step, width: 4 * units)
      if dimensions.propagatesUser && step > 0 {
        for row in 0..<block.rows {
          VectorKernels.add(
            space.userPart.base + row * 3 * units, to: block.row(row), count: 3 * units)
        }
      }
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
    for (place, opening) in range.enumerated() {
      let row = Int(space.openings[opening])
      start.row(place).update(from: space.attributes.starts.base + row * units, count: units)
    }
    MatrixProduct.multiply(
      next, parameters.matrix(layout.sessionStartWeight), into: start, adding: true)
    VectorKernels.tanh(start.base, count: range.count * units)
    for (place, opening) in range.enumerated() {
      let row = Int(space.openings[opening])
      input.row(row).update(from: start.row(place), count: units)
      (space.userState.base + row * units).update(from: next.row(place), count: units)
    }
    guard let weight = layout.sessionUserWeight else { return }
    let part = MatrixView(space.openingPart.base, rows: range.count, columns: 3 * units)
    MatrixProduct.multiply(next, parameters.matrix(weight), into: part)
    for (place, opening) in range.enumerated() {
      let row = Int(space.openings[opening])
      (space.userPart.base + row * 3 * units).update(from: part.row(place), count: 3 * units)
    }
  }
}
