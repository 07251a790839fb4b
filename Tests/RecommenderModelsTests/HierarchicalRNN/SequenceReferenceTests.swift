import InteractionData
import LinearAlgebra
import TensorFiles
import Testing

@testable import RecommenderModels

/// Parity with PyTorch: logits, every gradient, the first ten losses.
@Suite struct SequenceReferenceTests {
  @Test(arguments: ["init", "all"])
  func thePassesAndTheTrainingAreThoseOfPyTorch(propagation: String) throws {
    let run = try ReferenceRun("sequence-\(propagation).safetensors")
    let shape = try #require(run.file.tensors["parameter.item.embedding"]?.shape)
    let units = try #require(run.file.tensors["parameter.session.start.weight"]?.shape[0])
    let network = SequenceNetwork(
      SequenceDimensions(
        items: shape[0], embedding: shape[1], units: units,
        propagatesUser: propagation == "all"))
    let layout = network.layout
    try network.parameters.read(layout.slots, from: run.file.scoped(to: "parameter."))
    let lengths = try run.bytes("lengths")
    let space = SequenceWorkspace(
      network.dimensions, rowLimit: lengths.count, stepLimit: lengths[0], training: true)
    let places = try load(run, lengths, into: space)
    let selection = layout.selection(of: (0..<UInt32(shape[0])).map { $0 })
    let active = ActiveItems(network.dimensions)
    active.selectAll()
    var pass = SequencePass()
    pass.scale = 1 / Float(places.count)

    func step() -> (loss: Double, gradient: FloatBuffer) {
      let compact = SequenceGradient()
      compact.begin(selection)
      active.fetch(from: network)
      network.forward(space, active.rows)
      let loss = network.decodeAndBackward(space, active.rows, pass, into: compact)
      active.backward(network, compact)
      let gradient = FloatBuffer(count: layout.arenaCount)
      for run in selection.runs(decayed: layout.decayedRanges) {
        for (number, place) in run.parameters.enumerated() {
          gradient.base[place] = compact.buffer.base[run.gradientStart + number]
        }
      }
      return (loss / Double(places.count), gradient)
    }

    active.fetch(from: network)
    network.forward(space, active.rows)
    #expect(space.logitRows(shape[0]) >= places.count)
    let states = space.all(space.states, width: units)
    let logits = network.logits(of: network.queries(of: states, space) { $0 }, active.rows, space)
    let ordered = places.flatMap { place in (0..<shape[0]).map { logits.row(place)[$0] } }
    try ordered.withUnsafeBufferPointer { try run.compare($0, with: "logits") }
    try run.compare(gradient: step().gradient, layout.slots)
    try run.compareLosses(
      parameters: network.parameters, decayed: layout.decayedRanges, step: step,
      changed: { network.normaliseEmbeddings(of: 0..<shape[0]) })
  }

  /// Puts the reference's events into a workspace; returns where each customer's steps are.
  private func load(
    _ run: ReferenceRun, _ lengths: [Int], into space: SequenceWorkspace
  ) throws -> [Int] {
    let (items, opens) = (try run.bytes("items"), try run.bytes("opens"))
    space.begin(stepCounts: lengths.map { $0 - 1 })
    var places: [Int] = []
    var first = 0
    for (row, length) in lengths.enumerated() {
      for step in 0..<length - 1 {
        let place = space.shape.stepOffsets[step] + row
        var event = SequenceEvent()
        event.item = UInt32(items[first + step])
        event.next = UInt32(items[first + step + 1])
        event.opensSession = step > 0 && opens[first + step] == 1
        space.events[place] = event
        places.append(place)
      }
      first += length
    }
    space.listOpenings()
    return places
  }
}
