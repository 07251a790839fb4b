internal import COpenBLAS

/// Products of matrices through the system's BLAS.
public enum MatrixProduct {
  /// How a factor is read.
  public enum Form: Sendable {
    /// As it lies in memory.
    case plain
    /// With rows and columns exchanged.
    case transposed
  }

  /// `result = left · right`, or `result += left · right`, both factors as they lie in memory.
  public static func multiply(
    _ left: MatrixView, _ right: MatrixView, into result: MatrixView, adding: Bool = false
  ) {
    multiply(left, .plain, right, .plain, into: result, adding: adding)
  }

  /// `result = left · right`, or `result += left · right`.
  ///
  /// - Parameters:
  ///   - left: the left factor; `[m, k]` once its form is applied.
  ///   - leftForm: how it is read.
  ///   - right: the right factor; `[k, n]` once its form is applied.
  ///   - rightForm: how it is read.
  ///   - result: `[m, n]`; may not overlap the factors.
  ///   - adding: whether the product is added to what `result` holds.
  public static func multiply(
    _ left: MatrixView, _ leftForm: Form, _ right: MatrixView,
    _ rightForm: Form = .plain, into result: MatrixView, adding: Bool = false
  ) {
    let (m, k) = leftForm == .plain ? (left.rows, left.columns) : (left.columns, left.rows)
    let (k2, n) = rightForm == .plain ? (right.rows, right.columns) : (right.columns, right.rows)
    precondition(
      k == k2 && result.rows == m && result.columns == n,
      "[\(m), \(k)] · [\(k2), \(n)] into [\(result.rows), \(result.columns)]")
    if m == 0 || n == 0 { return }
    if k == 0 {
      if !adding {
        for row in 0..<m { result.row(row).update(repeating: 0, count: n) }
      }
      return
    }
    precondition(BLASRuntime.singleThreaded)
    cblas_sgemm(
      CblasRowMajor, leftForm == .plain ? CblasNoTrans : CblasTrans,
      rightForm == .plain ? CblasNoTrans : CblasTrans, blasint(m), blasint(n), blasint(k), 1,
      left.base, blasint(left.stride), right.base, blasint(right.stride), adding ? 1 : 0,
      result.base, blasint(result.stride))
  }
}
