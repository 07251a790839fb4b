internal import LinearAlgebra

/// The layout of a gradient that speaks of a few rows of the largest tensors only.
///
/// Its first numbers are those of the parameters before the tables, in their order; then come the
/// chosen rows of each table. Rows that no event of a batch touched are not changed by its step:
/// their moments and their decay wait until they are (lazy AdamW).
struct RowSelection {
  /// The parameters before the first table.
  let denseCount: Int
  /// The tables, with the place in the gradient where the rows of each begin.
  let tables: [(slot: TensorSlot, gradientStart: Int)]
  /// The chosen rows, ascending.
  let rows: [UInt32]
  /// The numbers of the gradient.
  let gradientCount: Int

  init(denseCount: Int, tables: [TensorSlot], rows: [UInt32]) {
    self.denseCount = denseCount
    self.rows = rows
    var count = denseCount
    self.tables = tables.map { slot in
      defer { count += rows.count * slot.columns }
      return (slot, count)
    }
    gradientCount = count
  }

  /// What the optimiser is to change.
  func runs(decayed: [Range<Int>]) -> [AdamW.Run] {
    var runs = AdamW.runs(of: 0..<denseCount, decayed: decayed)
    for (slot, gradientStart) in tables {
      var first = 0
      while first < rows.count {
        var end = first + 1
        while end < rows.count && rows[end] == rows[end - 1] + 1 { end += 1 }
        let start = slot.offset + Int(rows[first]) * slot.columns
        runs.append(
          AdamW.Run(
            parameters: start..<start + (end - first) * slot.columns,
            gradientStart: gradientStart + first * slot.columns, decays: slot.decays))
        first = end
      }
    }
    return runs
  }
}
