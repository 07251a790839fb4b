import Foundation
import InteractionData
import LinearAlgebra
import Testing

@testable import RecommenderModels

@Suite struct SequenceTrainingTests {
  /// Customers with this many events each, a minute apart.
  private func dataset(eventCounts: [Int], items: Int = 3) -> Dataset {
    SequenceFixture.dataset(
      items: items,
      customers: eventCounts.map { count in
        (0..<count).map { SequenceFixture.Event(item: $0 % items, time: Int64($0 * 60)) }
      })
  }

  private func samples(
    _ dataset: Dataset, _ settings: HRNNConfiguration, seed: UInt64 = 1
  ) throws -> SequenceSamples {
    try SequenceSamples(
      dataset, SequenceModel.walk(dataset, settings), settings: settings, seed: seed)
  }

  @Test func lastEventsAreKeptAsideAndNothingElse() throws {
    var settings = HRNNConfiguration()
    settings.validationShare = 0.5
    let counts = [0, 1, 2, 2, 3, 4, 5, 6, 7, 8]
    let samples = try samples(dataset(eventCounts: counts), settings)
    #expect(samples.training.map(\.customer) == [2, 3, 4, 5, 6, 7, 8, 9])
    #expect(!samples.validation.isEmpty && samples.validation.count < 6)
    for sample in samples.validation { #expect(sample.steps == counts[sample.customer] - 1) }
    for sample in samples.training {
      let isKept = samples.validation.contains { $0.customer == sample.customer }
      #expect(sample.steps == counts[sample.customer] - (isKept ? 2 : 1))
    }
    #expect(
      samples.counts.reduce(0, +)
        == Double(counts.reduce(0, +) - 1 - samples.validation.count))
    settings.validationShare = 0
    #expect(try self.samples(dataset(eventCounts: counts), settings).validation.isEmpty)
  }

  @Test func theShareKeptAsideHasABottomAndATop() {
    func kept(_ share: Double, _ eligible: Int, items: Int = 1000) -> Double {
      SequenceSamples.validationShare(share, eligible: eligible, items: items)
        * Double(eligible)
    }
    let (least, most) = (
      Double(SequenceSamples.validationMinimum), Double(SequenceSamples.validationLimit)
    )
    #expect(abs(kept(0.02, 10_000) - least) < 1e-9)
    #expect(abs(kept(0.02, 100_000) - 2000) < 1e-9)
    #expect(abs(kept(0.02, 250_000) - most) < 1e-9)
    #expect(abs(kept(0.02, 250_050) - most) < 1e-9)
    let scores = SequenceSamples.validationScoreLimit
    #expect(abs(kept(0.02, 100_000, items: scores / 2000) - 2000) < 1e-9)
    #expect(abs(kept(0.02, 100_000, items: scores / 1000) - 1000) < 1e-9)
    #expect(abs(kept(0.02, 100_000, items: scores) - least) < 1e-9)
    #expect(kept(0.02, 100) == 50 && kept(0, 100) == 0 && kept(0.02, 0) == 0)
  }

  @Test func percentilesLeaveOutShortAndLongHistories() throws {
    var settings = HRNNConfiguration()
    settings.validationShare = 0
    settings.minUserHistoryLengthPercentile = 0.25
    settings.maxUserHistoryLengthPercentile = 0.75
    let samples = try samples(dataset(eventCounts: [2, 3, 4, 5, 6]), settings)
    #expect(samples.training.map(\.steps) == [2, 3, 4])
  }

  @Test func drawsFollowThePowerOfTheCounts() {
    let counts = [0.0, 15, 255]
    let sampler = NegativeSampler(counts: counts)
    var generator = SeededGenerator(seed: 9)
    let draws = sampler.draw(80_000, using: &generator)
    let weights = counts.map { pow($0 + 1, 0.75) }
    let total = weights.reduce(0, +)
    for item in 0..<3 {
      let share = Double(draws.count { $0 == UInt32(item) }) / 80_000
      #expect(abs(share - weights[item] / total) < 0.01)
      // Expected 10 draws by share, 5 events by count.
      let expected = 10 * weights[item] / total + 5 * counts[item] / 270
      let chance = 1 - exp(-expected)
      let correction = sampler.correction(of: UInt32(item), negatives: 10, events: 5)
      #expect(abs(Double(correction) + log(chance)) < 1e-5)
    }
  }

  @Test func selectionsTurnIntoRuns() {
    var tensors = TensorAllocator()
    let dense = tensors.add("dense", 2, 16, decays: true)
    let table = tensors.add("table", 8, 4, decays: false)
    let bias = tensors.add("bias", 8, 1, decays: false)
    let selection = RowSelection(
      denseCount: table.offset, tables: [table, bias], rows: [1, 2, 5])
    #expect(selection.gradientCount == 32 + 12 + 3)
    let runs = selection.runs(decayed: [dense.range])
    #expect(runs.map(\.parameters) == [0..<32, 36..<44, 52..<56, 65..<67, 69..<70])
    #expect(runs.map(\.gradientStart) == [0, 32, 40, 44, 46])
    #expect(runs.map(\.decays) == [true, false, false, false, false])
  }

  @Test func catalogueSizesAreCheckedAtTheLimit() throws {
    for count in [1, SequenceModel.itemLimit] { try SequenceModel.check(itemCount: count) }
    for count in [0, SequenceModel.itemLimit + 1] {
      #expect(throws: ModelError.self) { try SequenceModel.check(itemCount: count) }
    }
    let limit = SequenceLoss.fullSoftmaxItemLimit
    #expect(SequenceLoss.automatic.resolved(items: limit) == .softmax)
    #expect(SequenceLoss.automatic.resolved(items: limit + 1) == .sampledSoftmax)
    #expect(SequenceLoss.bprMax.resolved(items: limit + 1) == .bprMax)
  }

  /// Rows that no batch touched are as they were made.
  @Test func aLargeCatalogueLeavesUntouchedRowsAlone() throws {
    let items = 200_000
    var generator = SeededGenerator(seed: 8)
    let customers = (0..<40).map { _ in
      (0..<4).map {
        SequenceFixture.Event(item: generator.nextIndex(below: items), time: Int64($0))
      }
    }
    var settings = SequenceFixture.settings
    settings.negativeSamples = 64
    settings.epochs = 1
    settings.embeddingDimension = 8
    let result = try PanelFixture.train(
      SequenceFixture.dataset(items: items, customers: customers), settings, seed: 4)
    let fresh = SequenceNetwork(SequenceModel.dimensions(items: items, settings: settings))
    fresh.randomise(seed: 4)
    guard case .sequence(let model) = result.model.form else {
      Issue.record("no sequence model")
      return
    }
    let start = fresh.layout.itemEmbedding.offset
    let changed = (0..<items).count { item in
      (0..<8).contains {
        let place = start + item * 8 + $0
        return model.network.parameters.base[place] != fresh.parameters.base[place]
      }
    }
    #expect(changed > 100 && changed < 1000, "\(changed) rows changed")
  }

  @Test(arguments: [SequenceLoss.sampledSoftmax, .bprMax])
  func otherLossesLearnARing(loss: SequenceLoss) throws {
    var generator = SeededGenerator(seed: 41)
    let customers = (0..<600).map { _ in
      let start = generator.nextIndex(below: 40)
      return (0..<8).map { SequenceFixture.Event(item: (start + $0) % 40, time: Int64($0)) }
    }
    var settings = SequenceFixture.settings
    settings.loss = loss
    settings.negativeSamples = 16
    settings.epochs = 12
    settings.learningRate = 0.01
    settings.mixesTransitions = false
    let result = try PanelFixture.train(
      SequenceFixture.dataset(items: 40, customers: customers), settings)
    #expect((result.validation["recall_at_1"] ?? 0) > 0.9, "\(result.validation)")
  }

  @Test func aLossWithoutBoundsEndsTraining() {
    var settings = SequenceFixture.settings
    settings.epochs = 20
    settings.learningRate = 1
    // Each step multiplies the weights by 1 - 100 times the rate.
    settings.weightDecay = 100
    let error = #expect(throws: ModelError.self) {
      try PanelFixture.train(
        SequenceFixture.random(customers: 300, items: 12, seed: 6), settings)
    }
    if case .diverged? = error { return }
    Issue.record("\(String(describing: error))")
  }

  /// Without events kept aside there are no metrics, and the mixture has its default weights.
  @Test func anEmptyValidationSplitIsNoError() throws {
    var settings = SequenceFixture.settings
    settings.validationShare = 0
    let result = try PanelFixture.train(
      SequenceFixture.random(customers: 100, items: 12, seed: 7), settings)
    #expect(result.validation.isEmpty)
    guard case .sequence(let model) = result.model.form else {
      Issue.record("no sequence model")
      return
    }
    let weights = model.transitions.mixture.weights
    #expect(abs(weights[0] - 0.2) < 1e-5 && abs(weights.reduce(0, +) - 1) < 1e-5)
  }

  @Test func recencyWeighsNewerEventsMore() {
    let dataset = dataset(eventCounts: [5, 2])
    var settings = HRNNConfiguration()
    settings.hiddenDimension = 32
    let network = SequenceNetwork(SequenceModel.dimensions(items: 3, settings: settings))
    let shards = SequenceShards(
      SequenceModel(network: network, settings: settings), dataset, rows: 16, stepLimit: 4,
      threadCount: 1)
    let samples = [
      SequenceSamples.Sample(customer: 1, steps: 1), SequenceSamples.Sample(customer: 0, steps: 4),
    ]
    let weights = shards.collect(samples, recencyMask: true)[0].rows.map { $0.map(\.weight) }
    #expect(weights == [[0.5, 1 / Float(3).squareRoot(), 1 / Float(2).squareRoot(), 1], [1]])
    #expect(shards.collect(samples)[0].rows.joined().allSatisfy { $0.weight == 1 })
  }
}
