import InteractionData
import LinearAlgebra
import TensorFiles
import Testing

@testable import RecommenderModels

/// Parity with PyTorch: logits, every gradient, the first ten losses.
@Suite struct PanelReferenceTests {
  @Test(arguments: ["init", "all", "one-level"])
  func thePassesAndTheTrainingAreThoseOfPyTorch(form: String) throws {
    let run = try ReferenceRun("panel-\(form).safetensors")
    func shape(_ name: String) -> [Int]? { run.file.tensors["parameter.\(name)"]?.shape }
    let attributes = try #require(shape("attributes.weight"))
    let output = try #require(shape("output.weight"))
    let network = PanelNetwork(
      PanelDimensions(
        items: output[1], attributeFeatures: attributes[0], attributeUnits: attributes[1],
        embedding: shape("session.embedding")?[1] ?? 0,
        sessionUnits: shape("session.start.weight")?[1] ?? 0, userUnits: output[0],
        propagatesUserState: form == "all"))
    let layout = network.layout
    try network.parameters.read(layout.slots, from: run.file.scoped(to: "parameter."))
    network.prepare()
    let space = try load(run, network)
    func number(_ name: String) throws -> Double {
      try #require(Double(run.file.metadata[name] ?? ""), "\(name)")
    }
    let taken = try number("taken")
    let plan = LossPlan(
      rankingWeight: Float(try number("ranking_weight")),
      hazardWeight: Float(try number("hazard_weight")), scale: Float(1 / taken))

    func step() -> (loss: Double, gradient: FloatBuffer) {
      let gradient = FloatBuffer(count: layout.arenaCount)
      network.forward(space)
      let loss = network.decode(space, dropout: DropoutPlan(), plan: plan)
      network.backward(space, dropout: DropoutPlan(), into: gradient)
      return (loss / taken, gradient)
    }

    let gradient = step().gradient
    // The reference has customer after customer, a pass has step after step.
    let items = output[1]
    let logits = (0..<space.rows).flatMap { row in
      (0..<space.stepCount).filter { row < space.activeRows[$0] }.flatMap { step in
        let place = space.stepOffsets[step] + row
        return (0..<items).map { space.logits.base[place * items + $0] }
      }
    }
    try logits.withUnsafeBufferPointer { try run.compare($0, with: "logits") }
    try run.compare(gradient: gradient, layout.slots)
    try run.compareLosses(
      parameters: network.parameters, decayed: layout.decayedRanges, step: step,
      changed: { network.prepare() })
  }

  /// Puts the reference's customers into a workspace.
  private func load(_ run: ReferenceRun, _ network: PanelNetwork) throws -> PanelWorkspace {
    let counts = try run.bytes("rows")
    let (months, held, active) = (
      try run.bytes("months").map { UInt8($0) }, try run.bytes("held").map { UInt64($0) },
      try run.bytes("active").map { UInt8($0) }
    )
    let monthCount = try #require(Int(run.file.metadata["months"] ?? ""))
    let firstMonth = try #require(Int(run.file.metadata["first_month"] ?? ""))
    let attributes = try run.floats("attributes")
    let width = network.dimensions.attributeFeatures
    let space = PanelWorkspace(
      network.dimensions, rowLimit: counts.count, stepLimit: monthCount, training: true)
    let starts = counts.indices.map { counts[..<$0].reduce(0, +) }
    space.begin(stepCounts: starts.map { monthCount - 1 - Int(months[$0]) })
    months.withUnsafeBufferPointer { months in
      held.withUnsafeBufferPointer { held in
        active.withUnsafeBufferPointer { active in
          for (row, start) in starts.enumerated() {
            let rows = start..<start + counts[row]
            let walk = PanelWalk(
              monthIndexes: UnsafeBufferPointer(rebasing: months[rows]),
              held: UnsafeBufferPointer(rebasing: held[rows]),
              flags: UnsafeBufferPointer(rebasing: active[rows]),
              itemMask: PanelSequences.itemMask(network.dimensions.items),
              firstMonth: Int(months[start]), stepCount: monthCount - 1 - Int(months[start]))
            space.load(walk, row: row, firstMonthNumber: firstMonth)
            for place in 0..<width {
              space.attributes.base[row * width + place] = attributes[row * width + place]
            }
          }
        }
      }
    }
    space.listEvents()
    return space
  }
}
