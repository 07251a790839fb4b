public import InteractionData

/// What an import read, and what it left out.
public struct ImportReport: Sendable, Equatable {
  /// The most reasons of rejected rows that are kept.
  public static let reasonLimit = 20

  /// The data rows that count in the dataset.
  public var rows = 0
  /// ``rows`` and ``rejectedRows`` together; rows of ignored months are in neither.
  public var totalRows = 0
  /// The rows of months after the last one asked for.
  public var ignoredRows = 0
  /// The customers of the dataset.
  public var customers = 0
  /// The months that the dataset's panel spans; 0 without a panel.
  public var months = 0
  /// The items of the dataset.
  public var items = 0
  /// The rows of the interaction table.
  public var interactions = 0
  /// Items not held in a customer's row and held in the customer's next one.
  public var acquisitions = 0
  /// Items held in a customer's row and not in the next one.
  public var drops = 0
  /// Those of ``acquisitions`` between whose rows the customer missed a month or more.
  public var acquisitionsAcrossGaps = 0
  /// Those of ``drops`` between whose rows the customer missed a month or more.
  public var dropsAcrossGaps = 0
  /// The rows left out because they cannot be read, or repeat a customer's month.
  public var rejectedRows = 0
  /// The first rejected rows in the order of the files, as `file:line: column: reason`; at most
  /// ``reasonLimit``.
  public var rejectionReasons: [String] = []
  /// What was left out beside rows, a sentence each.
  public var warnings: [String] = []

  /// Makes an empty report.
  public init() {}

  /// The error to throw when more rows were rejected than a share of them; nil when not.
  func excess(over share: Double) -> ImportError? {
    guard Double(rejectedRows) > share * Double(totalRows) else { return nil }
    return .tooManyRejected(
      rejected: rejectedRows, total: totalRows, limitShare: share, reasons: rejectionReasons)
  }
}

/// A dataset and the account of how it was read.
public struct ImportResult: Sendable {
  /// The dataset.
  public let dataset: Dataset
  /// What was read and what was left out.
  public let report: ImportReport
}

/// How far an import has come; reported about once a block of input.
public struct ImportProgress: Sendable, Equatable {
  /// The bytes read so far, after decompression.
  public let bytesRead: Int
  /// The bytes there are in all; nil when some of the input is compressed or a stream.
  public let totalBytes: Int?
  /// The rows read so far.
  public let rows: Int
}
