internal import CVectorKernels

/// Products of matrices whose rows do not depend on one another.
///
/// ``MatrixProduct`` is faster, but the bits of a row may depend on how many rows there are. Where
/// one row must come out the same alone as among others, this is the product to take.
public enum RowProduct {
  /// `result = left · right`, or `result += left · right`.
  ///
  /// - Parameters:
  ///   - left: `[m, k]`.
  ///   - right: `[k, n]`.
  ///   - result: `[m, n]`; may not overlap the factors.
  ///   - adding: whether the product is added to what `result` holds.
  public static func multiply(
    _ left: MatrixView, _ right: MatrixView, into result: MatrixView, adding: Bool = false
  ) {
    precondition(
      left.columns == right.rows && result.rows == left.rows && result.columns == right.columns,
      "[\(left.rows), \(left.columns)] · [\(right.rows), \(right.columns)] into "
        + "[\(result.rows), \(result.columns)]")
    CVectorKernels_row_product(
      left.rows, left.columns, right.columns, left.base, left.stride, right.base, right.stride,
      result.base, result.stride, adding ? 1 : 0)
  }
}
