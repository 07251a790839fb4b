/// The moments that are told apart, in milliseconds since 1970.
public enum ClockRange {
  /// Any two of them have a difference; what lies outside counts as the nearest. Some 285,000 years
  /// either way.
  public static let milliseconds: ClosedRange<Int64> = -(1 << 53)...(1 << 53)

  /// The nearest moment that is told apart.
  ///
  /// - Parameter seconds: since 1970.
  /// - Returns: in milliseconds since 1970.
  public static func clamped(seconds: Int64) -> Int64 {
    let (milliseconds, overflows) = seconds.multipliedReportingOverflow(by: 1000)
    return clamped(overflows ? seconds : milliseconds)
  }

  /// The nearest moment that is told apart.
  public static func clamped(_ milliseconds: Int64) -> Int64 {
    min(max(milliseconds, Self.milliseconds.lowerBound), Self.milliseconds.upperBound)
  }
}
