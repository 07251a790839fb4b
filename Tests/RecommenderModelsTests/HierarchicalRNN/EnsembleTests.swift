import Foundation
import InteractionData
import TensorFiles
import TestSupport
import Testing

@testable import RecommenderModels

/// Networks trained from different seeds whose scores are averaged.
@Suite struct EnsembleTests {
  private let target = Month(year: 2016, month: 1)

  private static var datasets: [Dataset] {
    [
      PanelFixture.random(customers: 150, items: 5, months: 12, seed: 51),
      SequenceFixture.random(customers: 150, items: 7, seed: 52),
    ]
  }

  @Test(arguments: [0, 1])
  func probabilitiesAreAveraged(form: Int) throws {
    let dataset = Self.datasets[form]
    var settings = SequenceFixture.settings
    settings.epochs = 1
    let networks = try (0..<3).map { network in
      try PanelFixture.train(dataset, settings, seed: NetworkTraining.seed(of: network, 9))
    }
    settings.seeds = 3
    let ensemble = try PanelFixture.train(dataset, settings, seed: 9, threadCount: 2)
    let parts = networks.map { PanelFixture.scores($0.model, dataset, targetMonth: target) }
    let whole = PanelFixture.scores(ensemble.model, dataset, targetMonth: target)
    #expect(parts[0] != parts[1] && parts[1] != parts[2])
    for (customer, row) in whole.enumerated() {
      for (item, score) in row.enumerated() {
        let mean = parts.reduce(0) { $0 + Double($1[customer][item]) } / 3
        #expect(abs(Double(score) - mean) < 1e-6)
      }
    }
    #expect(ensemble.model.parameterCount == 3 * networks[0].model.parameterCount)
    let maps = networks.compactMap { $0.validation["map_at_7"] }
    #expect(abs((ensemble.validation["map_at_7"] ?? 0) - maps.reduce(0, +) / 3) < 1e-12)
  }

  @Test func oneFileHoldsThemAll() throws {
    let folder = try TemporaryFolder()
    for dataset in Self.datasets {
      var settings = SequenceFixture.settings
      settings.epochs = 1
      settings.seeds = 3
      let model = try PanelFixture.train(dataset, settings).model
      var writer = SafetensorsWriter()
      model.write(into: &writer)
      let path = folder.file("model.safetensors")
      try writer.write(to: path)
      let file = try SafetensorsFile(path: path)
      try file.verifyChecksums()
      let read = try HRNNRecommender(file: file, configuration: model.configuration)
      #expect(read.parameterCount == model.parameterCount && read.itemCount == model.itemCount)
      #expect(
        PanelFixture.scores(read, dataset, targetMonth: target)
          == PanelFixture.scores(model, dataset, targetMonth: target))
      for damage in ["0", "17", "x", "4"] {
        writer.metadata["networks"] = damage
        try writer.write(to: path)
        #expect(throws: ModelError.self, "\(damage)") {
          try HRNNRecommender(
            file: SafetensorsFile(path: path), configuration: model.configuration)
        }
      }
    }
  }

  @Test func thereIsALimit() throws {
    var settings = HRNNConfiguration()
    settings.seeds = HRNNConfiguration.seedLimit
    try settings.validate()
    settings.seeds += 1
    #expect(throws: ModelError.self) { try settings.validate() }
  }
}
