internal import Foundation
public import InteractionData

/// What bank to make up.
public struct BankGeneratorOptions: Sendable {
  /// The most customers that can be asked for.
  public static let customerLimit = 20_000_000
  /// The most months that can be asked for.
  public static let monthLimit = 240
  /// The most threads that can be asked for.
  public static let threadLimit = 64

  /// The customers that ever appear, 1 to ``customerLimit``; some join later.
  public var customers: Int
  /// The months, 1 to ``monthLimit``.
  public var months: Int
  /// What all randomness comes from.
  public var seed: UInt64
  /// The first month.
  public var firstMonth: Month
  /// The number of threads, 1 to ``threadLimit``; the bytes written do not depend on it.
  public var threadCount: Int

  /// Makes options; without a number of threads there is one for each core.
  public init(
    customers: Int, months: Int, seed: UInt64,
    firstMonth: Month = Month(year: 2015, month: 1), threadCount: Int? = nil
  ) {
    self.customers = customers
    self.months = months
    self.seed = seed
    self.firstMonth = firstMonth
    self.threadCount =
      threadCount ?? min(ProcessInfo.processInfo.activeProcessorCount, Self.threadLimit)
  }

  func validate() throws(ImportError) {
    let checks = [
      ("the number of customers", customers, Self.customerLimit),
      ("the number of months", months, Self.monthLimit),
      ("the number of threads", threadCount, Self.threadLimit),
    ]
    for (name, value, limit) in checks where !(1...limit).contains(value) {
      throw .invalidOption(name: name, actual: String(value), range: "1 to \(limit)")
    }
  }
}

/// What was generated.
public struct GenerationReport: Sendable, Equatable {
  /// The customers with at least one row.
  public var customers = 0
  /// The months.
  public var months = 0
  /// The rows of the panel file.
  public var rows = 0
  /// The bytes of the panel file.
  public var bytes = 0
  /// The products held in the rows, counted once a row.
  public var heldProducts = 0
  /// The customers of the truth file, and how many of them add something.
  public var truthCustomers = 0
  /// The customers of the truth file who add a product in the month after the last.
  public var truthAdders = 0

  /// Makes an empty report.
  public init() {}
}

/// How far a generation has come.
public struct GenerationProgress: Sendable, Equatable {
  /// The month being written, counted from 0.
  public let month: Int
  /// The months in all.
  public let months: Int
  /// The rows written so far.
  public let rows: Int
}
