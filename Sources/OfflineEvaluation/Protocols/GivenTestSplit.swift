public import InteractionData
internal import TensorFiles

extension EvaluationSplit {
  /// Takes what is to be found from a file: CSV with a header that names `USER_ID` and `ITEM_ID`.
  ///
  /// A pair that is also in the dataset is taken out of training, so that every model needs a
  /// twin; when none is and there is no panel, models of this dataset are measured as they are.
  ///
  /// - Parameters:
  ///   - dataset: the dataset with the history of the file's customers.
  ///   - path: the file.
  /// - Returns: the split.
  /// - Throws: ``EvaluationError`` with the line that cannot be used.
  public static func givenTest(
    of dataset: Dataset, path: String
  ) throws(EvaluationError) -> EvaluationSplit {
    let file = try EvaluationFile(path: path)
    guard let header = file.lines.first, let last = dataset.lastMonth else {
      throw .nobodyToEvaluate(reason: "\(path) or the dataset is empty")
    }
    let names = EvaluationFile.fields(header.text).map { $0.trimmingByteOrderMark.uppercased() }
    guard let userColumn = names.firstIndex(of: "USER_ID"),
      let itemColumn = names.firstIndex(of: "ITEM_ID")
    else {
      throw .malformedLine(
        path: path, line: header.number, reason: "the header names no USER_ID and ITEM_ID")
    }
    var heldOut: [Int: Set<UInt32>] = [:]
    for (line, text) in file.lines.dropFirst() {
      let fields = EvaluationFile.fields(text)
      guard fields.count > max(userColumn, itemColumn) else {
        throw .malformedLine(
          path: path, line: line, reason: "\(fields.count) fields, the header has \(names.count)")
      }
      let customer = try file.customer(fields[userColumn], line: line, in: dataset)
      let item = try file.item(fields[itemColumn], line: line, in: dataset.items)
      heldOut[customer, default: []].insert(item)
    }
    guard !heldOut.isEmpty else { throw .nobodyToEvaluate(reason: "\(path) has no rows") }
    let training = dataset.keepingInteractions { customer, row in
      !(heldOut[customer]?.contains(dataset.interactions.itemIndexes[row]) ?? false)
    }
    let isDisjoint = training.interactions.count == dataset.interactions.count
    return EvaluationSplit(
      name: "given-test-\(file.checksum)", training: training, targetMonth: last,
      eligibility: isDisjoint && dataset.panel == nil ? .wholeDataset : .twinsOnly,
      relevant: heldOut.keys.sorted().map { (UInt32($0), (heldOut[$0] ?? []).sorted()) })
  }
}

extension String {
  fileprivate var trimmingByteOrderMark: String {
    hasPrefix("\u{FEFF}") ? String(dropFirst()) : self
  }
}
