public import InteractionData
internal import TensorFiles

extension EvaluationSplit {
  /// Takes what is to be found from a file: CSV with a header that names `USER_ID` and `ITEM_ID`.
  ///
  /// The customer's own interactions that the file names are taken out of training, and nothing
  /// else is: with a column `TIMESTAMP` (seconds since 1970) those of that very time, without one
  /// all that the customer had with the item. Where one was taken out, or the dataset has a panel,
  /// every model needs a twin; else models of this dataset are measured as they are. An item that
  /// the customer still has in training is left out of the ranking and is not relevant; customers
  /// of whom nothing else is held out are not evaluated.
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
    guard let last = dataset.lastMonth else {
      throw .nobodyToEvaluate(reason: "the dataset is empty")
    }
    let heldOut = try HeldOutPairs(file, dataset)
    let table = dataset.interactions
    let positive = table.positiveEventTypes
    let training = dataset.keepingInteractions { customer, row in
      guard let items = heldOut.byCustomer[customer], let times = items[table.itemIndexes[row]],
        positive[Int(table.eventTypes[row])]
      else { return true }
      return !times.contains(table.timestamps[row])
    }
    var relevant: [(customer: UInt32, items: [UInt32])] = []
    var leftOut: [Exclusion.Reason: Int] = [:]
    for (customer, items) in heldOut.byCustomer.sorted(by: { $0.key < $1.key }) {
      let seen = training.positiveRows(of: customer, positive).map {
        training.interactions.itemIndexes[$0]
      }
      let found = Set(items.keys).subtracting(seen).sorted()
      if found.isEmpty {
        leftOut[.hadBefore, default: 0] += 1
      } else {
        relevant.append((UInt32(customer), found))
      }
    }
    guard !relevant.isEmpty else {
      throw .nobodyToEvaluate(reason: "\(path) names only items its customers had before")
    }
    let isDisjoint = training.interactions.count == table.count
    return EvaluationSplit(
      name: "given-test-exact-\(file.checksum)", training: training, targetMonth: last,
      eligibility: isDisjoint && dataset.panel == nil ? .wholeDataset : .twinsOnly,
      relevant: relevant, leftOut: leftOut)
  }
}

/// What a file holds out: pairs of a customer and an item, and when.
private struct HeldOutPairs {
  /// The times at which a pair is held out.
  enum Times {
    case all
    case only(Set<Int64>)

    func contains(_ time: Int64) -> Bool {
      switch self {
      case .all: true
      case .only(let times): times.contains(time)
      }
    }
  }

  private(set) var byCustomer: [Int: [UInt32: Times]] = [:]

  init(_ file: EvaluationFile, _ dataset: Dataset) throws(EvaluationError) {
    guard let header = file.lines.first else {
      throw .nobodyToEvaluate(reason: "\(file.path) is empty")
    }
    let names = try file.fields(header).map { $0.trimmingByteOrderMark.uppercased() }
    guard let userColumn = names.firstIndex(of: "USER_ID"),
      let itemColumn = names.firstIndex(of: "ITEM_ID")
    else {
      throw .malformedLine(
        path: file.path, line: header.number, reason: "the header names no USER_ID and ITEM_ID")
    }
    let timeColumn = names.firstIndex(of: "TIMESTAMP")
    for line in file.lines.dropFirst() {
      let fields = try file.fields(line)
      guard fields.count == names.count else {
        throw .malformedLine(
          path: file.path, line: line.number,
          reason: "\(fields.count) fields, the header has \(names.count)")
      }
      let customer = try file.customer(fields[userColumn], line: line.number, in: dataset)
      let item = try file.item(fields[itemColumn], line: line.number, in: dataset.items)
      guard let timeColumn else {
        byCustomer[customer, default: [:]][item] = .all
        continue
      }
      guard let time = Int64(fields[timeColumn]) else {
        throw .malformedLine(
          path: file.path, line: line.number,
          reason: "TIMESTAMP \"\(fields[timeColumn])\" is no whole number of seconds since 1970")
      }
      var times: Set<Int64> = [time]
      if case .only(let others) = byCustomer[customer]?[item] { times.formUnion(others) }
      byCustomer[customer, default: [:]][item] = .only(times)
    }
    guard !byCustomer.isEmpty else {
      throw .nobodyToEvaluate(reason: "\(file.path) has no rows")
    }
  }
}

extension String {
  fileprivate var trimmingByteOrderMark: String {
    hasPrefix("\u{FEFF}") ? String(dropFirst()) : self
  }
}
