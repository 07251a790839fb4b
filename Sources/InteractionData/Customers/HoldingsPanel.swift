public import TensorFiles

/// Which customer held which items in which month: rows grouped by customer, months ascending.
///
/// A customer may miss months. The first row is opening stock; models learn what is taken next only
/// from rows of consecutive months, because across missed months nobody knows when it was taken.
public struct HoldingsPanel: Sendable {
  /// The most items a panel can have: a row's holdings are the bits of one word.
  public static let itemLimit = 64
  /// The most months a panel can span.
  public static let monthLimit = 255
  /// The bit of ``flags`` that says the customer was active in the month.
  public static let activeFlag: UInt8 = 1

  /// The month of month index 0.
  public let firstMonth: Month
  /// The number of months the panel spans.
  public let monthCount: Int
  /// Where each customer's rows start. `[customers + 1]`
  public let offsets: Column<UInt32>
  /// Months since ``firstMonth``. `[rows]`
  public let monthIndexes: Column<UInt8>
  /// Bit `i` is set when item `i` was held. `[rows]`
  public let held: Column<UInt64>
  /// ``activeFlag``, or 0. `[rows]`
  public let flags: Column<UInt8>

  /// Makes a panel from its columns.
  public init(
    firstMonth: Month, monthCount: Int, offsets: Column<UInt32>, monthIndexes: Column<UInt8>,
    held: Column<UInt64>, flags: Column<UInt8>
  ) {
    precondition(
      monthIndexes.count == held.count && held.count == flags.count
        && Int(offsets[offsets.count - 1]) == held.count,
      "panel columns of \(monthIndexes.count), \(held.count) and \(flags.count) rows")
    precondition(monthCount <= Self.monthLimit, "\(monthCount) months")
    self.firstMonth = firstMonth
    self.monthCount = monthCount
    self.offsets = offsets
    self.monthIndexes = monthIndexes
    self.held = held
    self.flags = flags
  }

  /// The last month that has rows.
  public var lastMonth: Month { firstMonth.advanced(by: monthCount - 1) }

  /// The rows of a customer.
  public func rows(of customer: Int) -> Range<Int> {
    Int(offsets[customer])..<Int(offsets[customer + 1])
  }
}
