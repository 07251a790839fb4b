internal import Experiments
internal import Testing

@testable internal import RecommenderService

/// Whose answers explore how much.
struct ExplorationWeightsTests {
  private static func weight(_ user: String, experiment: Experiment?, at time: Int64) -> Float {
    var user = user
    return user.withUTF8 {
      let weights = ExplorationWeights(
        server: 0.3, experiment: experiment, nowMilliseconds: { time })
      return weights.weight(ofArm: weights.arm(of: UnsafeRawBufferPointer($0)))
    }
  }

  @Test func customersHaveTheWeightOfTheirArmWhileTheExperimentRuns() throws {
    let experiment = try #require(
      Experiment(
        name: "less",
        arms: [
          .init(name: "as-ever", share: 1), .init(name: "none", share: 1, explorationWeight: 0),
          .init(name: "all", share: 1, explorationWeight: 1),
        ], startMilliseconds: 10, endMilliseconds: 20))
    var counts = [0, 0, 0]
    for number in 0..<300 {
      let user = "u\(number)"
      let arm = experiment.armIndex(of: user)
      counts[arm] += 1
      #expect(Self.weight(user, experiment: experiment, at: 10) == [0.3, 0, 1][arm])
      for time: Int64 in [9, 20] {
        #expect(Self.weight(user, experiment: experiment, at: time) == 0.3)
      }
      #expect(Self.weight(user, experiment: nil, at: 10) == 0.3)
    }
    #expect(counts.allSatisfy { $0 > 70 }, "\(counts)")
  }
}
