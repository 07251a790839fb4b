public import ArgumentParser
public import OfflineEvaluation

/// Where logged answers come from.
enum OffPolicySource: ExpressibleByArgument, CustomStringConvertible {
  /// The record that the workspace's server keeps.
  case workspace
  /// A file of JSON lines.
  case file(String)

  init?(argument: String) { self = .file(argument) }

  var description: String {
    switch self {
    case .workspace: "the workspace's log"
    case .file(let path): path
    }
  }
}

/// The options of an evaluation of other policies from a log.
struct OffPolicyOptions: ParsableArguments {
  @Option(
    defaultAsFlag: OffPolicySource.workspace, parsing: .next,
    help: """
      Evaluate other policies from the workspace's log of answers, or a file of JSON lines, instead \
      of ranking history.
      """)
  var offPolicy: OffPolicySource?

  @Option(help: "off-policy: events to join to the answers, JSON lines.")
  var events: String?

  @Option(
    help: "off-policy: what an item is worth: accepted, clicked or value. [default: accepted]")
  var reward: RewardKind?

  @Option(
    name: [.customLong("weights"), .customLong("exploration-weights")],
    help: "off-policy: exploration weights to compare. [default: 0,0.1,0.3,1]")
  var explorationWeights: String?

  @Option(help: "off-policy: the largest weight of an answer. [default: none]")
  var clip: Double?

  @Option(help: "off-policy: only the answers of one arm of an experiment.")
  var arm: String?

  /// The weights to compare.
  var weights: [Double] {
    get throws(EvaluationError) {
      var weights: [Double] = []
      for word in (explorationWeights ?? "0,0.1,0.3,1").split(
        separator: ",", omittingEmptySubsequences: false)
      {
        guard let weight = Double(word), (0...1).contains(weight), !weights.contains(weight) else {
          throw .invalidOption(
            name: "weights", value: explorationWeights ?? "",
            expected: "numbers from 0 to 1, each once, such as 0,0.3")
        }
        weights.append(weight)
      }
      return weights
    }
  }

  /// Sees to it that nothing is asked of a log that is not named.
  func checkUnused() throws(EvaluationError) {
    let given = [
      ("events", events), ("reward", reward?.rawValue),
      ("weights", explorationWeights), ("clip", clip.map { "\($0)" }), ("arm", arm),
    ]
    for case (let name, let value?) in given {
      throw .invalidOption(name: name, value: value, expected: "left out without --off-policy")
    }
  }
}

extension RewardKind: ExpressibleByArgument {}
