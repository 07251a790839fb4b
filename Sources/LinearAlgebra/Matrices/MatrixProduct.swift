internal import CVectorKernels

/// Products of matrices on the caller's thread.
///
/// Work is split over customers instead of inside a product: that is faster for many small ones,
/// and gives the same sums at any number of threads. A row of the result has the same bits whatever
/// rows stand beside it.
public enum MatrixProduct {
  /// How a factor is read.
  public enum Form: Sendable {
    /// As it lies in memory.
    case plain
    /// With rows and columns exchanged.
    case transposed
  }

  /// The floats in a vector of the kernels that this machine runs: 16 with AVX-512, 8 with AVX2 and
  /// FMA, 4 otherwise.
  public static let vectorWidth = Int(CVectorKernels_vector_width())

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
    multiply(
      left, leftForm, right, rightForm, into: result, adding: adding, vectorWidth: vectorWidth)
  }

  /// The same with vectors of another width, at most ``vectorWidth``.
  static func multiply(
    _ left: MatrixView, _ leftForm: Form, _ right: MatrixView, _ rightForm: Form,
    into result: MatrixView, adding: Bool, vectorWidth: Int
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
    let (leftSteps, rightSteps) = (left.steps(leftForm), right.steps(rightForm))
    CVectorKernels_matrix_product(
      m, n, k, left.base, leftSteps.row, leftSteps.column, right.base, rightSteps.row,
      rightSteps.column, result.base, result.stride, adding ? 1 : 0, Int32(vectorWidth))
  }
}

extension MatrixView {
  /// Elements from one row of the factor to the next, and from one column to the next.
  fileprivate func steps(_ form: MatrixProduct.Form) -> (row: Int, column: Int) {
    form == .plain ? (stride, 1) : (1, stride)
  }
}
