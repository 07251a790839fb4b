/// The order of all blocks in the input, and from it the exact lines of what was rejected.
struct InputLines {
  /// For each worker and block, the block's place in the order of the input.
  let sequences: [[Int]]
  let rejectedRows: Int
  private let paths: [String]
  /// For each block in the order of the input, its file and the number of its first line.
  private var starts: [(file: Int, line: Int)] = []
  private var rejections: [(sequence: Int, rejection: Rejection)] = []

  init(workers: [SantanderWorker], paths: [String]) {
    self.paths = paths
    var all: [(worker: Int, place: Int, record: BlockRecord)] = []
    for (index, worker) in workers.enumerated() {
      for (place, record) in worker.blocks.enumerated() { all.append((index, place, record)) }
    }
    all.sort { ($0.record.file, $0.record.index) < ($1.record.file, $1.record.index) }
    precondition(all.count < PanelAssembly.sequenceLimit, "\(all.count) blocks")
    var sequences = workers.map { [Int](repeating: 0, count: $0.blocks.count) }
    var line = 2
    var file = -1
    for (sequence, entry) in all.enumerated() {
      // The header is line 1 of each file.
      if entry.record.file != file {
        file = entry.record.file
        line = 2
      }
      sequences[entry.worker][entry.place] = sequence
      starts.append((file, line))
      line += entry.record.lineCount
      rejections += entry.record.rejections.map { (sequence, $0) }
    }
    self.sequences = sequences
    rejectedRows = all.reduce(0) { $0 + $1.record.rejectedCount }
  }

  /// Adds the rows that repeat a customer's month.
  mutating func add(_ duplicates: [PanelAssembly.Duplicate]) {
    for duplicate in duplicates {
      rejections.append(
        (
          duplicate.sequence,
          Rejection(
            line: duplicate.line, column: SantanderColumns.customer,
            reason: "duplicate of customer \(duplicate.customer) in month \(duplicate.month)")
        ))
    }
    rejections.sort { ($0.sequence, $0.rejection.line) < ($1.sequence, $1.rejection.line) }
  }

  /// The first rejected rows in the order of the input, as `file:line: column: reason`.
  func reasons() -> [String] {
    rejections.prefix(ImportReport.reasonLimit).map { sequence, rejection in
      let start = starts[sequence]
      return "\(paths[start.file]):\(start.line + rejection.line): \(rejection.column): "
        + rejection.reason
    }
  }
}
