import Foundation
import InteractionData
import TensorFiles
import Testing

@testable import RecommenderModels

@Suite struct PanelScorerTests {
  private let target = Month(year: 2016, month: 1)

  private func trained(_ dataset: Dataset) throws -> HRNNRecommender {
    try PanelFixture.train(dataset, PanelFixture.smallSettings).model
  }

  @Test func aStoredModelScoresTheSame() throws {
    let dataset = PanelFixture.random(customers: 200, items: 6, months: 12, seed: 31)
    let model = try trained(dataset)
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("hrnn-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var writer = SafetensorsWriter()
    model.write(into: &writer)
    try writer.write(to: path)
    let file = try SafetensorsFile(path: path)
    let loaded = try HRNNRecommender(file: file, configuration: model.configuration)
    #expect(
      PanelFixture.scores(loaded, dataset, targetMonth: target)
        == PanelFixture.scores(model, dataset, targetMonth: target))
    #expect(loaded.parameterCount == model.parameterCount)
    let stored = file.tensors.values.map { $0.shape.reduce(1, *) }.reduce(0, +)
    #expect(stored == model.parameterCount)
    #expect(loaded.settings == model.settings)
    var wrong = model.configuration
    wrong["hidden_dimension"] = .integer(64)
    #expect(throws: ModelError.self) { try HRNNRecommender(file: file, configuration: wrong) }
  }

  @Test func aWeightThatIsNoNumberIsRefused() throws {
    let dataset = PanelFixture.random(customers: 100, items: 4, months: 8, seed: 32)
    let network = PanelNetwork(
      PanelModel.dimensions(
        items: 4, encoding: AttributeEncoding(), settings: PanelFixture.smallSettings))
    network.parameters.base[network.layout.userBias.offset] = .nan
    let model = HRNNRecommender(
      model: PanelModel(network: network, encoding: AttributeEncoding()),
      settings: PanelFixture.smallSettings)
    #expect(model.itemCount == dataset.items.count)
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("hrnn-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var writer = SafetensorsWriter()
    model.write(into: &writer)
    try writer.write(to: path)
    let file = try SafetensorsFile(path: path)
    #expect(throws: ModelError.self) {
      try HRNNRecommender(file: file, configuration: model.configuration)
    }
  }

  @Test func aBatchScoresLikeSingleCustomers() throws {
    let dataset = PanelFixture.random(customers: 200, items: 6, months: 12, seed: 33)
    let model = try trained(dataset)
    let single = PanelFixture.scores(model, dataset, targetMonth: target)
    let scorer = model.scorer(for: dataset, targetMonth: target)
    var scores = [Float](repeating: .nan, count: 200 * 6)
    scores.withUnsafeMutableBufferPointer {
      scorer.score((0..<200).map { dataset.history(of: $0) }, into: $0)
    }
    for customer in 0..<200 {
      for item in 0..<6 {
        let score = scores[customer * 6 + item]
        #expect(score > 0 && score < 1)
        #expect(abs(score - single[customer][item]) < 1e-5, "customer \(customer), item \(item)")
      }
    }
  }

  @Test func monthsFromTheTargetOnAreNotLookedAt() throws {
    let dataset = PanelFixture.random(customers: 150, items: 5, months: 12, seed: 34)
    let model = try trained(dataset)
    let panel = try #require(dataset.panel)
    let cut = PanelFixture.dataset(
      items: 5,
      customers: (0..<150).map { customer in
        panel.rows(of: customer).filter { panel.monthIndexes[$0] < 8 }.map {
          .init(
            month: Int(panel.monthIndexes[$0]), held: panel.held[$0],
            isActive: panel.flags[$0] & HoldingsPanel.activeFlag != 0)
        }
      }, attributes: dataset.customerAttributes.columns)
    let month = panel.firstMonth.advanced(by: 8)
    #expect(
      PanelFixture.scores(model, dataset, targetMonth: month)
        == PanelFixture.scores(model, cut, targetMonth: month))
  }

  @Test func whateverIsMissingStillGetsFiniteScores() throws {
    let dataset = PanelFixture.random(customers: 150, items: 5, months: 12, seed: 35)
    let model = try trained(dataset)
    let odd = PanelFixture.dataset(
      items: 5,
      customers: [
        [.init(month: 11, held: 1)],
        [.init(month: 0, held: 3), .init(month: 11, held: 1)],
        [.init(month: 0, held: 31)],
        [],
        (0..<12).map { .init(month: $0, held: $0 % 2 == 0 ? 31 : 0) },
      ],
      attributes: [
        AttributeColumn(
          name: "age", values: .numeric(Column([Float.nan, .infinity, -.infinity, 1e30, 0]))),
        AttributeColumn(
          name: "segment",
          values: .categorical(
            codes: Column([0, 9, AttributeColumn.missingCode, 0, 0]), categories: ["unseen"])),
      ])
    let scores = PanelFixture.scores(model, odd, targetMonth: target)
    #expect(scores.joined().allSatisfy { $0 > 0 && $0 < 1 })
    let scorer = model.scorer(for: odd, targetMonth: target)
    var stranger = [Float](repeating: .nan, count: 5)
    stranger.withUnsafeMutableBufferPointer { scorer.score([CustomerHistory()], into: $0) }
    #expect(stranger.allSatisfy { $0 > 0 && $0 < 1 })
    let later = PanelFixture.scores(model, odd, targetMonth: target.advanced(by: 120))
    #expect(later.joined().allSatisfy { $0 > 0 && $0 < 1 })
  }

  @Test func aDatasetWithoutAttributesTrains() throws {
    let rows = try #require(
      PanelFixture.random(customers: 150, items: 5, months: 12, seed: 36).panel)
    let dataset = PanelFixture.dataset(
      items: 5,
      customers: (0..<150).map { customer in
        rows.rows(of: customer).map {
          .init(month: Int(rows.monthIndexes[$0]), held: rows.held[$0])
        }
      })
    let model = try trained(dataset)
    let scores = PanelFixture.scores(model, dataset, targetMonth: target)
    #expect(scores.joined().allSatisfy { $0.isFinite })
  }

  /// Item 1 always follows item 0 a month later; items 2 and 3 come at a steady, higher rate.
  @Test func learnsThatOneItemFollowsAnother() throws {
    var generator = SeededGenerator(seed: 37)
    let customers = (0..<1500).map { _ -> [PanelFixture.Row] in
      var held: UInt64 = 0
      var tookFirst = false
      return (0..<12).map { month in
        let taken = generator.nextUnitDouble()
        if tookFirst { held |= 2 }
        tookFirst = held & 1 == 0 && generator.nextUnitDouble() < 0.04
        if tookFirst { held |= 1 }
        if taken < 0.05 { held |= 4 }
        if taken > 0.95 { held |= 8 }
        return PanelFixture.Row(month: month, held: held)
      }
    }
    let dataset = PanelFixture.dataset(items: 4, customers: customers)
    var settings = PanelFixture.smallSettings
    settings.epochs = 12
    settings.learningRate = 0.01
    let model = try PanelFixture.train(dataset, settings).model
    let probes = PanelFixture.dataset(
      items: 4,
      customers: [
        (0..<12).map { .init(month: $0, held: $0 == 11 ? 1 : 0) },
        (0..<12).map { .init(month: $0, held: 0) },
      ])
    let scores = PanelFixture.scores(model, probes, targetMonth: target)
    #expect(scores[0][1] > 0.8, "just took item 0: \(scores[0])")
    #expect(scores[1][1] < 0.02, "took nothing: \(scores[1])")
    #expect(scores[1][2] > scores[1][1] && scores[1][3] > scores[1][1])
    for item in [2, 3] {
      #expect((0.02...0.1).contains(scores[1][item]), "true rate .05: \(scores[1])")
    }
  }
}
