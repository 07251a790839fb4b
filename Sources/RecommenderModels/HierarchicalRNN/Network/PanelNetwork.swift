internal import InteractionData
internal import LinearAlgebra

/// The parameters of a panel network, and what is derived from them for a pass.
final class PanelNetwork: @unchecked Sendable {
  let layout: PanelLayout
  let parameters: FloatBuffer
  /// What each event adds to the session layer's gates: embedding times input weight.
  let eventTable: FloatBuffer

  var dimensions: PanelDimensions { layout.dimensions }

  init(_ dimensions: PanelDimensions) {
    layout = PanelLayout(dimensions)
    parameters = FloatBuffer(count: layout.arenaCount)
    eventTable = FloatBuffer(count: 2 * dimensions.items * 3 * dimensions.sessionUnits)
  }

  /// Brings what is derived from the parameters up to date; called after each change of them.
  func prepare() {
    if dimensions.sessionUnits == 0 { return }
    MatrixProduct.multiply(
      parameters.matrix(layout.eventEmbedding), parameters.matrix(layout.sessionInputWeight),
      into: MatrixView(
        eventTable.base, rows: 2 * dimensions.items, columns: 3 * dimensions.sessionUnits))
  }

  /// Sets random weights: recurrent and linear ones uniform within 1/√inputs as is usual, skip
  /// connections, ages and months of the year 0, so that what was never seen adds nothing.
  func randomise(seed: UInt64) {
    let skips = [layout.heldWeight, layout.ageWeight, layout.attributeOutputWeight]
    for (index, slot) in layout.slots.enumerated() {
      var generator = SeededGenerator(seed: seed, stream: UInt64(index))
      let values = parameters.pointer(slot)
      guard slot.decays, !skips.contains(where: { $0.name == slot.name }) else {
        values.update(repeating: 0, count: slot.count)
        continue
      }
      let bound =
        slot.name == layout.eventEmbedding.name
        ? 0.5 : 1 / Double(max(fanIn(of: slot), 1)).squareRoot()
      for place in 0..<slot.count {
        values[place] = Float((2 * generator.nextUnitDouble() - 1) * bound)
      }
    }
    let months = dimensions.features.monthBase
    let width = 3 * dimensions.userUnits
    (parameters.pointer(layout.featureWeight) + months * width)
      .update(repeating: 0, count: 12 * width)
  }

  private func fanIn(of slot: TensorSlot) -> Int {
    // What reaches the user layer's gates is bounded by its own width, as one layer would have it.
    slot.columns == 3 * dimensions.userUnits ? dimensions.userUnits : slot.rows
  }

  /// Copies a row into every row of a matrix.
  static func fill(_ matrix: MatrixView, with row: UnsafePointer<Float>) {
    for index in 0..<matrix.rows { matrix.row(index).update(from: row, count: matrix.columns) }
  }
}
