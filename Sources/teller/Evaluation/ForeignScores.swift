internal import InteractionData
internal import OfflineEvaluation

/// Scores that another program wrote, and the name they are measured under.
struct ForeignScores {
  let name: String
  let table: CustomerItemTable
  var scorer: FileScorer { FileScorer(table) }
  /// Whether every score may be a probability.
  let areProbabilities: Bool

  /// Reads what `--scores` names.
  ///
  /// - Throws: `EvaluationError`.
  init(_ argument: String, dataset: Dataset) throws(EvaluationError) {
    let parts = argument.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else {
      throw .invalidOption(name: "scores", value: argument, expected: "NAME=FILE")
    }
    table = try CustomerItemTable(path: String(parts[1]), dataset: dataset, range: .score)
    name = String(parts[0])
    areProbabilities = table.values.allSatisfy { (0...1).contains($0) }
  }
}
