import InteractionData
import LinearAlgebra
import Testing

@testable import RecommenderModels

@Suite struct SequenceGradientTests {
  /// A network, a shard of customers and the items that it touches.
  private final class Problem {
    static let items = 9
    let network: SequenceNetwork
    let space: SequenceWorkspace
    let active: ActiveItems
    let rows: [[SequenceEvent]]
    var pass: SequencePass

    init(
      _ pass: SequencePass, seed: UInt64, propagatesUser: Bool = false, chosen: [UInt32]? = nil,
      endsSessions: Bool = true, hasMetadata: Bool = false
    ) {
      self.pass = pass
      let dataset = SequenceFixture.random(
        customers: 12, items: Self.items, seed: seed, hasMetadata: hasMetadata)
      let encoding = AttributeEncoding(fitting: dataset.customerAttributes)
      network = SequenceNetwork(
        SequenceDimensions(
          items: Self.items, embedding: 4, units: 5, propagatesUser: propagatesUser,
          attributeFeatures: encoding.width, attributeUnits: 3),
        itemFeatures: ItemFeatures(
          dataset.items, counts: Array(repeating: 1, count: Self.items)))
      var generator = SeededGenerator(seed: seed)
      for slot in network.layout.slots {
        for place in slot.range {
          network.parameters.base[place] = Float(generator.nextGaussian() * 0.5)
        }
      }
      let walk = EventWalk(
        eventLimit: 20, sessionGapSeconds: 1800, itemCount: Self.items, positive: [true, true],
        endsSessions: endsSessions)
      rows = (0..<12).map { customer in
        var events: [SequenceEvent] = []
        walk.collect(dataset.history(of: customer), into: &events)
        for step in events.indices { events[step].weight = 1 / Float(1 + step % 3) }
        return Array(events.dropLast())
      }.filter { !$0.isEmpty }.sorted { $0.count > $1.count }
      space = SequenceWorkspace(
        network.dimensions, rowLimit: rows.count, stepLimit: 20, training: true)
      active = ActiveItems(network.dimensions)
      if let chosen {
        active.select(chosen + SequenceShard(rows: rows).items)
      } else {
        active.selectAll()
      }
      space.begin(stepCounts: rows.map(\.count))
      let encoder = AttributeEncoder(encoding, table: dataset.customerAttributes)
      for (row, events) in rows.enumerated() {
        // A customer of none of the rows stands for one that nothing is known of.
        encoder.encode(
          row == 1 ? nil : row, into: space.attributes.encoded.base + row * encoder.width)
        for (step, event) in events.enumerated() {
          var event = event
          event.item = active.place(of: event.item)
          event.next = active.place(of: event.next)
          space.events[space.shape.stepOffsets[step] + row] = event
        }
      }
      space.listOpenings()
    }

    /// The loss, and the gradient by all parameters in their own layout.
    func run() -> (loss: Double, gradient: FloatBuffer) {
      let selection = network.layout.selection(of: active.items)
      let compact = SequenceGradient()
      compact.begin(selection)
      active.fetch(from: network) { Float($0) * 0.1 }
      network.forward(space, active.rows, dropout: pass.dropout)
      let loss = network.decodeAndBackward(space, active.rows, pass, into: compact)
      active.backward(network, compact)
      let gradient = FloatBuffer(count: network.layout.arenaCount)
      for run in selection.runs(decayed: network.layout.decayedRanges) {
        for (number, place) in run.parameters.enumerated() {
          gradient.base[place] = compact.buffer.base[run.gradientStart + number]
        }
      }
      return (loss, gradient)
    }

    func check(seed: UInt64) {
      GradientCheck.compare(
        network.layout.slots, parameters: network.parameters, gradient: run().gradient, seed: seed
      ) { run().loss }
    }
  }

  @Test(
    arguments: [SequenceLoss.softmax, .sampledSoftmax, .bprMax], [0, 0.4] as [Float])
  func gradientsAgreeWithDifferences(loss: SequenceLoss, share: Float) {
    for (seed, propagatesUser) in [(1 as UInt64, false), (2, true)] {
      let problem = Problem(
        SequencePass(loss: loss, dropout: DropoutPlan(share: share, key: 7)), seed: seed,
        propagatesUser: propagatesUser)
      #expect(problem.space.openings.count > 5, "seed \(seed)")
      problem.check(seed: seed)
      let gradient = problem.run().gradient
      for slot in problem.network.layout.slots {
        #expect(slot.range.contains { gradient.base[$0] != 0 }, "\(slot.name) gets none")
      }
    }
  }

  @Test(arguments: [0, 0.4] as [Float], [false, true])
  func gradientsOfMetadataAgreeWithDifferences(share: Float, propagatesUser: Bool) {
    let problem = Problem(
      SequencePass(loss: .softmax, dropout: DropoutPlan(share: share, key: 9)), seed: 6,
      propagatesUser: propagatesUser, hasMetadata: true)
    problem.check(seed: 6)
    let gradient = problem.run().gradient
    let names = problem.network.layout.slots.map(\.name)
    for name in [
      "attributes.weight", "attributes.bias", "session.start.attributes.weight",
      "output.attributes.weight", "item.features.weight",
    ] { #expect(names.contains(name)) }
    for slot in problem.network.layout.slots {
      #expect(slot.range.contains { gradient.base[$0] != 0 }, "\(slot.name) gets none")
    }
  }

  @Test func metadataOfAFewItemsGetTheirGradient() {
    let problem = Problem(SequencePass(), seed: 7, chosen: [0, 5, 5], hasMetadata: true)
    problem.check(seed: 7)
  }

  @Test func onlyChosenRowsGetAGradient() {
    let problem = Problem(SequencePass(), seed: 3, chosen: [0, 5, 5])
    problem.check(seed: 3)
    #expect(problem.active.items == problem.active.items.sorted())
    #expect(Set(problem.active.items).count == problem.active.items.count)
  }

  @Test func gradientsEndWhereTheyAreToldTo() {
    let whole = Problem(SequencePass(bptt: 20), seed: 4).run().gradient
    let free = Problem(SequencePass(), seed: 4).run().gradient
    let cut = Problem(SequencePass(bptt: 2), seed: 4).run().gradient
    let count = whole.count
    #expect((0..<count).allSatisfy { whole.base[$0] == free.base[$0] })
    #expect((0..<count).contains { abs(cut.base[$0] - free.base[$0]) > 1e-3 })
  }

  /// One level is the same network without the user layer: its tensors take no part.
  @Test func oneLevelLeavesTheUserLayerAlone() {
    let problem = Problem(SequencePass(), seed: 5, endsSessions: false)
    let layout = problem.network.layout
    let gradient = problem.run().gradient
    for slot in [layout.userInputWeight, layout.userRecurrentWeight, layout.sessionStartWeight] {
      #expect(slot.range.allSatisfy { gradient.base[$0] == 0 }, "\(slot.name)")
    }
    problem.check(seed: 5)
  }
}
