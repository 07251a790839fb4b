/// Why an evaluation cannot be made.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
  /// The dataset spans too little time for the protocol.
  case tooFewMonths(count: Int, needed: Int)
  /// Nobody is left to evaluate.
  case nobodyToEvaluate(reason: String)
  /// A log has no answers that can be evaluated.
  case emptyLog(path: String, reason: String)
  /// k is outside its range.
  case invalidK(value: Int, limit: Int)
  /// A setting is outside its range, or missing.
  case invalidOption(name: String, value: String, expected: String)
  /// A file cannot be read.
  case unreadableFile(path: String)
  /// A line of a file does not have the form the protocol needs; lines count from 1.
  case malformedLine(path: String, line: Int, reason: String)
  /// A line names an item that is not in the catalogue; where a file is read to its end, `others`
  /// is how many more such items it names.
  case unknownItem(path: String, line: Int, item: String, others: Int)
  /// A line names a customer who is not in the dataset.
  case unknownCustomer(path: String, line: Int, customer: String)
  /// The customers have no attribute of this name.
  case unknownAttribute(name: String, available: [String])
  /// A yardstick needs the monthly holdings that the split does not have.
  case needsPanel(yardstick: String)

  /// One line that says what is wrong and how to mend it.
  public var description: String {
    switch self {
    case .tooFewMonths(let count, let needed):
      "the dataset spans \(count) month(s), holding out needs \(needed): import more months, "
        + "or use --protocol leave-last-out"
    case .nobodyToEvaluate(let reason): "the split leaves nobody to evaluate: \(reason)"
    case .emptyLog(let path, let reason): "\(path): \(reason)"
    case .invalidK(let value, let limit): "--k is \(value), it must be from 1 to \(limit)"
    case .invalidOption(let name, let value, let expected):
      "--\(name) is \(value), it must be \(expected)"
    case .unreadableFile(let path): "\(path): cannot be read; check the name and its rights"
    case .malformedLine(let path, let line, let reason): "\(path):\(line): \(reason)"
    case .unknownItem(let path, let line, let item, let others):
      "\(path):\(line): item \"\(item)\" is not in the catalogue"
        + (others > 0 ? ", nor are \(others) more items of the file" : "")
        + "; remove it, or import it with --items"
    case .unknownCustomer(let path, let line, let customer):
      "\(path):\(line): customer \"\(customer)\" is not in the dataset; remove the line, or import "
        + "the customer"
    case .unknownAttribute(let name, let available):
      "customers have no attribute \"\(name)\"; "
        + (available.isEmpty
          ? "the dataset has none" : "there are: \(available.joined(separator: ", "))")
    case .needsPanel(let yardstick):
      "\(yardstick) needs monthly holdings: use --protocol next-month on a panel"
    }
  }
}
