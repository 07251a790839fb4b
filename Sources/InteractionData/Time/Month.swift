/// A calendar month, counted from January of year 0.
public struct Month: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Twelve times the year, plus the month of the year from 0.
  public let number: Int

  /// Makes a month from its count.
  public init(number: Int) { self.number = number }

  /// Makes a month from a year and a month of 1 to 12.
  public init(year: Int, month: Int) { number = year * 12 + month - 1 }

  /// Reads `YYYY-MM`, or the month of `YYYY-MM-DD`; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, parts[0].utf8.count == 4,
      parts[1].utf8.count == 2, let year = Int(parts[0]), let month = Int(parts[1]), year >= 0,
      (1...12).contains(month)
    else { return nil }
    if parts.count == 3 {
      guard parts[2].utf8.count == 2, let day = Int(parts[2]), (1...31).contains(day) else {
        return nil
      }
    }
    self.init(year: year, month: month)
  }

  /// The month that holds a moment, in UTC.
  public init(secondsSince1970 seconds: Int64) {
    // Days to civil date: http://howardhinnant.github.io/date_algorithms.html (civil_from_days).
    let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400 + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    self.init(year: Int(year), month: Int(month))
  }

  /// The year.
  public var year: Int { number / 12 }

  /// The month of the year, from 0 (January) to 11.
  public var monthOfYear: Int { number % 12 }

  /// Midnight of a day of this month in UTC, in seconds since 1970.
  public func secondsSince1970(day: Int = 1) -> Int64 {
    // Civil date to days, the inverse of the conversion above (days_from_civil).
    let month = monthOfYear + 1
    let year = month <= 2 ? self.year - 1 : self.year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int64(era * 146_097 + dayOfEra - 719_468) * 86_400
  }

  /// The month that lies `count` months later.
  public func advanced(by count: Int) -> Month { Month(number: number + count) }

  /// The number of months from `other` to this one.
  public func distance(from other: Month) -> Int { number - other.number }

  /// Whether one month lies before another.
  public static func < (left: Month, right: Month) -> Bool { left.number < right.number }

  /// `YYYY-MM`.
  public var description: String {
    let year = String(self.year)
    let month = String(monthOfYear + 1)
    return String(repeating: "0", count: max(0, 4 - year.count)) + year + "-"
      + (month.count < 2 ? "0" : "") + month
  }
}
