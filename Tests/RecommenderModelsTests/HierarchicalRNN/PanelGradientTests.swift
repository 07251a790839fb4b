import InteractionData
import TensorFiles
import Testing

@testable import RecommenderModels

/// Compares every tensor's gradient with central differences of the loss.
@Suite struct PanelGradientTests {
  /// One shard of random customers and a small network.
  private final class Problem {
    let network: PanelNetwork
    let space: PanelWorkspace
    let dropout: DropoutPlan
    let plan: LossPlan

    /// How the layers are connected.
    enum Shape { case twoLevels, propagating, oneLevel }

    init(
      plan: LossPlan, dropout: DropoutPlan = DropoutPlan(), shape: Shape = .twoLevels,
      seed: UInt64
    ) {
      let items = 5
      let dataset = PanelFixture.random(
        customers: 12, items: items, months: 7, changeRate: 0.25, seed: seed)
      let encoding = AttributeEncoding(fitting: dataset.customerAttributes)
      network = PanelNetwork(
        PanelDimensions(
          items: items, attributeFeatures: encoding.width, attributeUnits: 4,
          embedding: shape == .oneLevel ? 0 : 3, sessionUnits: shape == .oneLevel ? 0 : 5,
          userUnits: 6, propagatesUserState: shape == .propagating))
      var generator = SeededGenerator(seed: seed)
      for slot in network.layout.slots {
        for place in slot.range {
          network.parameters.base[place] = Float(generator.nextGaussian() * 0.5)
        }
      }
      network.prepare()
      var settings = HRNNConfiguration()
      settings.validationShare = 0
      guard let panel = dataset.panel else { preconditionFailure("the fixture has a panel") }
      let sequences = PanelSequences(panel, items: items, configuration: settings, seed: seed)
        .training.sorted { $0.stepCount > $1.stepCount }
      let space = PanelWorkspace(
        network.dimensions, rowLimit: sequences.count, stepLimit: 7, training: true)
      space.begin(stepCounts: sequences.map(\.stepCount))
      let encoder = AttributeEncoder(encoding, table: dataset.customerAttributes)
      for (row, sequence) in sequences.enumerated() {
        encoder.encode(sequence.customer, into: space.attributes.base + row * encoder.width)
        space.load(
          sequence.walk(panel, itemMask: PanelSequences.itemMask(items)), row: row,
          firstMonthNumber: panel.firstMonth.number)
      }
      space.listEvents()
      self.space = space
      self.plan = plan
      self.dropout = dropout
    }

    func loss() -> Double {
      network.prepare()
      network.forward(space, dropout: dropout)
      return network.decode(space, dropout: dropout, plan: plan)
    }

    func gradient() -> FloatBuffer {
      let gradient = FloatBuffer(count: network.layout.arenaCount)
      _ = loss()
      network.backward(space, dropout: dropout, into: gradient)
      return gradient
    }
  }

  private func compare(_ problem: Problem, seed: UInt64) {
    let gradient = problem.gradient()
    #expect(problem.space.sessions.eventCount > 20, "the fixture has few events, seed \(seed)")
    #expect(
      problem.space.sessions.blocks.count > problem.space.stepCount,
      "no month has two events, seed \(seed)")
    GradientCheck.compare(
      problem.network.layout.slots, parameters: problem.network.parameters, gradient: gradient,
      seed: seed, loss: problem.loss)
  }

  @Test(arguments: [1, 2] as [UInt64])
  func bothLosses(seed: UInt64) {
    compare(Problem(plan: LossPlan(rankingWeight: 1, hazardWeight: 1), seed: seed), seed: seed)
  }

  @Test func rankingLossAlone() {
    compare(Problem(plan: LossPlan(rankingWeight: 1, hazardWeight: 0), seed: 3), seed: 3)
  }

  @Test func hazardLossAlone() {
    compare(Problem(plan: LossPlan(rankingWeight: 0, hazardWeight: 1), seed: 4), seed: 4)
  }

  @Test func withDropout() {
    let dropout = DropoutPlan(share: 0.4, key: 99)
    compare(Problem(plan: LossPlan(), dropout: dropout, seed: 5), seed: 5)
  }

  @Test(arguments: [8, 9] as [UInt64])
  func userStateAtEveryEvent(seed: UInt64) {
    let problem = Problem(plan: LossPlan(), shape: .propagating, seed: seed)
    #expect(problem.network.layout.slots.contains { $0.name == "session.user.weight" })
    compare(problem, seed: seed)
  }

  @Test func oneLevel() {
    let problem = Problem(plan: LossPlan(), shape: .oneLevel, seed: 10)
    #expect(!problem.network.layout.slots.contains { $0.name.hasPrefix("session.") })
    #expect(!problem.network.layout.slots.contains { $0.name == "user.session.weight" })
    compare(problem, seed: 10)
  }

  @Test func recentMonthsWeighMore() {
    let weights = LossPlan.recencyWeights(monthCount: 7, halfLife: 2)
    #expect(weights == [0.125, 0.17677669, 0.25, 0.35355338, 0.5, 0.70710677, 1])
    compare(Problem(plan: LossPlan(monthWeights: weights), seed: 11), seed: 11)
    // The loss is a weighed sum of the months' own.
    func loss(_ weights: [Float]) -> Double {
      Problem(plan: LossPlan(monthWeights: weights), seed: 11).loss()
    }
    let parts = (0..<7).map { month in
      loss((0..<7).map { $0 == month ? 1 : 0 }) * Double(weights[month])
    }
    #expect(abs(loss(weights) - parts.reduce(0, +)) < 1e-3)
  }

  @Test func everyTensorGetsAGradient() {
    let problem = Problem(plan: LossPlan(), seed: 6)
    let gradient = problem.gradient()
    for slot in problem.network.layout.slots {
      let values = gradient.pointer(slot)
      #expect((0..<slot.count).contains { values[$0] != 0 }, "\(slot.name) gets none")
    }
  }

  @Test func heldItemsGetNoGradient() {
    let problem = Problem(plan: LossPlan(), seed: 7)
    _ = problem.loss()
    let items = problem.network.dimensions.items
    var heldCount = 0
    for place in 0..<problem.space.total {
      let step = problem.space.steps[place]
      for item in 0..<items where step.held >> UInt64(item) & 1 == 1 {
        heldCount += 1
        #expect(problem.space.logitGradient.base[place * items + item] == 0)
      }
    }
    #expect(heldCount > 50)
  }
}
