public import InteractionData
internal import TensorFiles

extension EvaluationSplit {
  /// Takes beginnings of anonymous sessions from a file, and the item that came next in each:
  /// item ids parted by spaces, a TAB, the item to find.
  ///
  /// All items are ranked, those of the prefix too: in a session one comes back to what one saw.
  /// A line is a customer nobody knows; an item's place in the line, in seconds, is its time.
  ///
  /// - Parameters:
  ///   - dataset: the dataset whose catalogue the file speaks of.
  ///   - path: the file.
  /// - Returns: the split; models of a dataset without a panel are measured as they are.
  /// - Throws: ``EvaluationError`` with the line that cannot be used.
  public static func sessionPrefix(
    of dataset: Dataset, path: String
  ) throws(EvaluationError) -> EvaluationSplit {
    let file = try EvaluationFile(path: path)
    var relevant: [(customer: UInt32, items: [UInt32])] = []
    var offsets: [UInt32] = [0]
    var items: [UInt32] = []
    var times: [Int64] = []
    for (line, text) in file.lines {
      let parts = text.split(separator: "\t", omittingEmptySubsequences: false)
      let prefix = parts[0].split(separator: " ")
      guard parts.count == 2, !prefix.isEmpty, !parts[1].isEmpty else {
        throw .malformedLine(
          path: path, line: line, reason: "expected item ids parted by spaces, a TAB, an item id")
      }
      for (place, word) in prefix.enumerated() {
        items.append(try file.item(word, line: line, in: dataset.items))
        times.append(Int64(place))
      }
      let target = try file.item(parts[1], line: line, in: dataset.items)
      relevant.append((UInt32(offsets.count - 1), [target]))
      offsets.append(UInt32(items.count))
    }
    guard !relevant.isEmpty, let last = dataset.lastMonth else {
      throw .nobodyToEvaluate(reason: "\(path) or the dataset is empty")
    }
    let table = dataset.interactions
    let visible = Dataset(
      customers: IdentifierTable(file.lines.map { "\($0.number)" }), items: dataset.items,
      interactions: InteractionTable(
        offsets: Column(offsets), itemIndexes: Column(items), timestamps: Column(times),
        eventTypes: Column(
          [UInt8](repeating: table.commonestPositiveType, count: items.count)),
        eventTypeNames: table.eventTypeNames),
      panel: nil)
    let training = dataset.panel == nil ? dataset : dataset.keepingInteractions { _, _ in true }
    return EvaluationSplit(
      name: "session-prefix-\(file.checksum)", training: training, visible: visible,
      targetMonth: last, eligibility: dataset.panel == nil ? .wholeDataset : .twinsOnly,
      leavesOutSeenItems: false, relevant: relevant)
  }
}

extension InteractionTable {
  /// The positive event type with the most rows; the lowest code of equal ones.
  fileprivate var commonestPositiveType: UInt8 {
    var counts = [Int](repeating: 0, count: eventTypeNames.count)
    for code in eventTypes.buffer { counts[Int(code)] += 1 }
    let positive = positiveEventTypes
    let codes = counts.indices.filter { positive[$0] }
    return UInt8(codes.max { (counts[$0], $1) < (counts[$1], $0) } ?? 0)
  }
}
