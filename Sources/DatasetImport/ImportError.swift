public import InteractionData

/// Why an import or a generation stopped.
public enum ImportError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No file was named.
  case noInput
  /// The file cannot be opened or read.
  case unreadable(file: String, reason: String)
  /// The file cannot be written.
  case unwritable(file: String, reason: String)
  /// The compressed file is cut short or damaged.
  case damagedArchive(file: String, reason: String)
  /// The archive holds several files, and it is not clear which one is meant.
  case severalFilesInArchive(file: String, first: String, second: String)
  /// The file holds no byte.
  case emptyFile(file: String)
  /// The files hold a header and nothing else, or no row up to the month asked for.
  case noRows(file: String, until: Month?)
  /// A column that must be there is not.
  case missingColumn(file: String, column: String)
  /// Two columns have the same name.
  case repeatedColumn(file: String, column: String)
  /// The header has more columns than a file may have.
  case tooManyColumns(file: String, actual: Int, limit: Int)
  /// The panel has no product column.
  case noProducts(file: String)
  /// A product column of the first file is missing in another one, or the other way round.
  case productMismatch(file: String, column: String, firstFile: String)
  /// There are more products than a holdings word has bits.
  case tooManyItems(file: String, actual: Int, limit: Int)
  /// A line is longer than any line may be; `offset` is where the search for its end began.
  case lineTooLong(file: String, offset: Int, limit: Int)
  /// A quoted field is never closed; `line` is where it begins.
  case unclosedQuote(file: String, line: Int)
  /// More rows were rejected than the options accept; the first reasons are given.
  case tooManyRejected(rejected: Int, total: Int, limitShare: Double, reasons: [String])
  /// The rows span more months than a panel can have.
  case tooManyMonths(first: Month, last: Month, limit: Int)
  /// There are more rows than a dataset can index.
  case tooManyRows(actual: Int, limit: Int)
  /// There are more customers than a dataset can index.
  case tooManyCustomers(limit: Int)
  /// There are more event types than a dataset can have, the fixed ones included.
  case tooManyEventTypes(file: String, actual: Int, limit: Int)
  /// An option has a value outside its range.
  case invalidOption(name: String, actual: String, range: String)

  /// One line that says what is wrong, where, and what would mend it.
  public var description: String {
    switch self {
    case .noInput: "no input file is named: give at least one, or - for standard input"
    case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
    case .unwritable(let file, let reason): "\(file): cannot be written: \(reason)"
    case .damagedArchive(let file, let reason):
      "\(file): the compressed data are cut short or damaged (\(reason)): fetch the file again"
    case .severalFilesInArchive(let file, let first, let second):
      "\(file): holds several files (\(first), \(second)): unpack it and name the one to read"
    case .emptyFile(let file): "\(file): is empty, expected a CSV file with a header line"
    case .noRows(let file, let until): Self.noRows(file, until)
    case .missingColumn(let file, let column):
      "\(file):1: column \(column) is missing: add it to the header line"
    case .repeatedColumn(let file, let column):
      "\(file):1: column \(column) appears twice: rename one of the two"
    case .tooManyColumns(let file, let actual, let limit):
      "\(file):1: \(actual) columns, at most \(limit) are accepted"
    case .noProducts(let file):
      "\(file):1: holds no products (no column ind_…_ult1): give the training file, not the test file"
    case .productMismatch(let file, let column, let firstFile):
      "\(file):1: product column \(column) is not in both this file and \(firstFile): "
        + "give files with equal products"
    case .tooManyItems(let file, let actual, let limit):
      "\(file):1: \(actual) product columns, at most \(limit) are accepted: remove some"
    case .lineTooLong(let file, let offset, let limit):
      "\(file): the line at byte \(offset) is longer than \(limit) bytes: is this a CSV file?"
    case .unclosedQuote(let file, let line):
      "\(file):\(line): a quoted field begins here and is never closed: add the closing quote"
    case .tooManyRejected(let rejected, let total, let limitShare, let reasons):
      "\(rejected) of \(total) rows were rejected, more than the share of \(limitShare) accepted; "
        + "the first: " + reasons.prefix(3).joined(separator: "; ")
    case .tooManyMonths(let first, let last, let limit):
      "the rows span \(first) to \(last), \(last.distance(from: first) + 1) months, "
        + "at most \(limit) are accepted: is a date wrong?"
    case .tooManyRows(let actual, let limit):
      "\(actual) rows, at most \(limit) are accepted: import a part of the months"
    case .tooManyCustomers(let limit): "more than \(limit) customers: import a part of them"
    case .tooManyEventTypes(let file, let actual, let limit):
      "\(file): \(actual) event types, at most \(limit) are accepted: group some of them"
    case .invalidOption(let name, let actual, let range): "\(name) is \(actual), expected \(range)"
    }
  }

  private static func noRows(_ file: String, _ until: Month?) -> String {
    if let until { return "\(file): no row up to \(until): name a later month" }
    return "\(file): holds a header line and no rows"
  }
}
