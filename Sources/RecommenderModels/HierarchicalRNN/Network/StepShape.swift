/// The shape of a pass over rows of different lengths.
///
/// Rows are ordered by falling number of steps, so that those who still have a step `t` are the
/// first `activeRows[t]`. Buffers of steps hold step 0 of all its rows, then step 1 of all its
/// rows, and so on: a product over all steps is one call.
struct StepShape {
  private(set) var rows = 0
  private(set) var stepCount = 0
  /// For each step, the rows that have it.
  private(set) var activeRows: [Int] = []
  /// For each step, where it begins in a buffer of steps, and at last where the final one ends.
  private(set) var stepOffsets: [Int] = [0]

  /// Customer-steps of the pass.
  var total: Int { stepOffsets[stepCount] }

  /// Begins a pass.
  ///
  /// - Parameters:
  ///   - stepCounts: the number of steps of each row, falling.
  ///   - rowLimit: the most rows there is memory for.
  ///   - stepLimit: the most steps there is memory for.
  mutating func begin(stepCounts: [Int], rowLimit: Int, stepLimit: Int) {
    rows = stepCounts.count
    stepCount = stepCounts.first ?? 0
    precondition(
      rows <= rowLimit && stepCount <= stepLimit,
      "\(rows) rows of \(stepCount) steps, at most \(rowLimit) of \(stepLimit)")
    activeRows.removeAll(keepingCapacity: true)
    stepOffsets.removeAll(keepingCapacity: true)
    stepOffsets.append(0)
    var active = rows
    for step in 0..<stepCount {
      while active > 0 && stepCounts[active - 1] <= step { active -= 1 }
      activeRows.append(active)
      stepOffsets.append(stepOffsets[step] + active)
    }
  }
}
