internal import Exploration
internal import InteractionData

/// Times a policy on made-up requests, and learning from made-up responses.
struct DecisionTiming {
  /// What was measured.
  struct Report {
    let decisionMicroseconds: Double
    let learningMicroseconds: Double
    /// The share of slots that cold products had: it says that the work was done.
    let coldShare: Double
  }

  private static let establishedCount = 24
  private static let coldCount = 10
  private static let slotCount = 3
  /// Requests made up before the clock runs, used over and over.
  private static let requestCount = 1000
  /// A slate is learned from after as many decisions.
  private static let decisionsPerLearning = 10

  private var policy: SlatePolicy
  private var generator: SeededGenerator
  private var requests: [SlateRequest] = []

  init(policy: SlatePolicy, seed: UInt64) {
    self.policy = policy
    generator = SeededGenerator(seed: seed)
    for _ in 0..<Self.requestCount {
      let context = policy.schema.valueCounts.map { UInt8(generator.nextIndex(below: $0)) }
      let scores = (0..<Self.establishedCount).map { _ in -5 + generator.nextGaussian() }
      requests.append(
        SlateRequest(
          context: context, candidates: Array(0..<Self.establishedCount + Self.coldCount),
          scores: scores + [Double](repeating: .nan, count: Self.coldCount),
          slotCount: Self.slotCount))
    }
  }

  mutating func run(decisions: Int, now: () -> Duration) -> Report {
    var scratch = SlateScratch()
    var slate = Slate()
    var deciding = Duration.zero
    var learning = Duration.zero
    var coldSlots = 0
    var slates = 0
    for start in stride(from: 0, to: decisions, by: Self.decisionsPerLearning) {
      let end = min(start + Self.decisionsPerLearning, decisions)
      let before = now()
      for number in start..<end {
        policy.decide(
          requests[number % Self.requestCount], recommendation: UInt64(number),
          scratch: &scratch, into: &slate)
        for entry in slate.entries where entry.isCold { coldSlots += 1 }
      }
      deciding += now() - before
      let responses = slate.entries.map { _ in
        generator.nextUnitDouble() < 0.02 ? Response.accepted : .none
      }
      let middle = now()
      policy.learn(
        slate, request: requests[(end - 1) % Self.requestCount], responses: responses)
      learning += now() - middle
      slates += 1
    }
    return Report(
      decisionMicroseconds: deciding.seconds * 1e6 / Double(decisions),
      learningMicroseconds: learning.seconds * 1e6 / Double(slates),
      coldShare: Double(coldSlots) / Double(decisions * Self.slotCount))
  }
}
