/// A row-major matrix of `Float` in memory that someone else owns.
///
/// A view is made, used and dropped while that memory lives.
public struct MatrixView {
  /// The first element.
  public let base: UnsafeMutablePointer<Float>
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// Elements from one row to the next, at least ``columns``.
  public let stride: Int

  /// Makes a view; without a stride the rows follow each other without gaps.
  public init(_ base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    let stride = stride ?? columns
    precondition(
      rows >= 0 && columns >= 0 && stride >= columns,
      "a matrix of \(rows) × \(columns), rows \(stride) apart")
    self.base = base
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  /// Some of the columns.
  public func columns(_ range: Range<Int>) -> MatrixView {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns, "\(range) of \(columns)")
    return MatrixView(base + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }

  /// Some of the rows.
  public func rows(_ range: Range<Int>) -> MatrixView {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "\(range) of \(rows)")
    return MatrixView(
      base + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
  }

  /// The first element of a row.
  public func row(_ index: Int) -> UnsafeMutablePointer<Float> { base + index * stride }
}
