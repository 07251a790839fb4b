internal import InteractionData
internal import Testing

@testable internal import OfflineEvaluation

/// Replicates that take turns at a few customers against each one summed up alone.
struct OffPolicySumsTests {
  private static let seed: UInt64 = 17

  private static func sums(customers: Int) -> (sums: OffPolicySums, rewards: [Double]) {
    var generator = SeededGenerator(seed: seed)
    var sums = OffPolicySums(customerCount: customers, slotCount: 2)
    var rewards = [Double](repeating: 0, count: customers)
    let guesses = RewardModel(
      LoggedAnswers(
        answers: [LoggedAnswer(customer: 0, slots: [.init(item: 0, propensity: 1)])],
        customers: ["c"], items: ["i"]), seed: 1)
    for number in 0..<3 * customers {
      let answer = LoggedAnswer(
        customer: number % customers,
        slots: [.init(item: 0, propensity: 1, reward: generator.nextUnitDouble())])
      let terms = AnswerTerms(
        answer, target: [.asServed], guesses: guesses.guesses(for: answer), clip: .infinity)
      sums.add(terms, of: answer)
      rewards[answer.customer] += answer.reward
    }
    return (sums, rewards)
  }

  /// To the bit, on both sides of where blocks end, however many replicates there are.
  @Test(arguments: [1, OffPolicySums.blockSize, OffPolicySums.blockSize + 1, 200])
  func replicatesAreWhatEachIsAlone(customers: Int) {
    let (sums, rewards) = Self.sums(customers: customers)
    let samples = (0..<7).map { BootstrapSample(seed: 3, replicate: $0) }
    let together = sums.means(samples)
    for (place, sample) in samples.enumerated() {
      #expect(sums.means([sample])[0].reward.bitPattern == together[place].reward.bitPattern)
      var (total, answers) = (0.0, 0.0)
      for customer in 0..<customers {
        let weight = Double(sample.weight(of: UInt32(customer)))
        total += weight * rewards[customer]
        answers += weight * 3
      }
      let expected = total / answers
      let found = together[place].reward
      #expect(found == expected || found.isNaN && expected.isNaN, "seed \(Self.seed)")
      #expect(together[place].weighted.bitPattern == found.bitPattern)
    }
    #expect(sums.means.reward == rewards.reduce(0, +) / Double(3 * customers))
  }

  @Test func weightsOfManyAreThoseOfEach() {
    for replicate in 0..<20 {
      let sample = BootstrapSample(seed: 5, replicate: replicate)
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1000) { weights in
        sample.weights(from: 40, into: weights)
        for place in weights.indices {
          #expect(Int(weights[place]) == sample.weight(of: UInt32(40 + place)))
        }
      }
    }
  }
}
