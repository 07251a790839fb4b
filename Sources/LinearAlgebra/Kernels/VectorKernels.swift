internal import CVectorKernels

/// Element-wise kernels over contiguous memory; see `CVectorKernels.h` for formulas and accuracy.
public enum VectorKernels {
  /// A writable run of numbers that someone else owns.
  public typealias Pointer = UnsafeMutablePointer<Float>

  /// `destination = exp(source)`; both `[count]`, may be the same memory.
  public static func exp(_ source: UnsafePointer<Float>, into destination: Pointer, count: Int) {
    CVectorKernels_exp(count, source, destination)
  }

  /// `destination = 1 / (1 + exp(-source))`; both `[count]`, may be the same memory.
  public static func sigmoid(
    _ source: UnsafePointer<Float>, into destination: Pointer, count: Int
  ) {
    CVectorKernels_sigmoid(count, source, destination)
  }

  /// `values = tanh(values)`. `[count]`
  public static func tanh(_ values: Pointer, count: Int) {
    CVectorKernels_tanh(count, values, values)
  }

  /// Takes a gradient back through `output = tanh(…)`, in place. `[count]`
  public static func tanhBackward(output: Pointer, gradient: Pointer, count: Int) {
    CVectorKernels_tanh_backward(count, output, gradient)
  }

  /// `destination += source`; both `[count]`.
  public static func add(_ source: UnsafePointer<Float>, to destination: Pointer, count: Int) {
    CVectorKernels_add(count, source, destination)
  }

  /// `destination += factor · source`; both `[count]`.
  public static func add(
    _ source: UnsafePointer<Float>, times factor: Float, to destination: Pointer, count: Int
  ) {
    CVectorKernels_add_scaled(count, factor, source, destination)
  }

  /// Turns logits into the probabilities of a softmax. `[count]`, at least 1
  public static func softmax(_ logits: Pointer, count: Int) {
    CVectorKernels_softmax(count, logits)
  }

  /// Gives each row the length `scale`.
  ///
  /// - Parameters:
  ///   - rows: the rows, without gaps.
  ///   - scale: the new length.
  ///   - lengths: the lengths before. `[rows]`
  public static func normalizeRows(_ rows: MatrixView, scale: Float, lengths: Pointer) {
    precondition(rows.stride == rows.columns, "rows with gaps")
    CVectorKernels_normalize_rows(rows.rows, rows.columns, scale, rows.base, lengths)
  }

  /// Takes a gradient back through ``normalizeRows(_:scale:lengths:)``, in place.
  ///
  /// - Parameters:
  ///   - normalized: the rows that it left.
  ///   - scale: the same as there.
  ///   - lengths: the lengths it gave.
  ///   - gradient: `[rows, columns]` without gaps.
  /// - Returns: the loss's derivative by the scale, times the scale.
  @discardableResult
  public static func normalizeRowsBackward(
    _ normalized: MatrixView, scale: Float, lengths: UnsafePointer<Float>, gradient: Pointer
  ) -> Double {
    precondition(normalized.stride == normalized.columns, "rows with gaps")
    return CVectorKernels_normalize_rows_backward(
      normalized.rows, normalized.columns, scale, normalized.base, lengths, gradient)
  }

  /// Adds each column's sum to `destination`, `[columns]`.
  public static func addColumnSums(of matrix: MatrixView, to destination: Pointer) {
    CVectorKernels_column_sums(
      matrix.rows, matrix.columns, matrix.stride, matrix.base, destination)
  }

  /// Adds the named rows of `table`, `[…, width]`, to `destination`, `[width]`.
  public static func addRows(
    _ indexes: UnsafeBufferPointer<UInt32>, of table: UnsafePointer<Float>, width: Int,
    to destination: Pointer
  ) {
    CVectorKernels_gather_rows(width, indexes.count, indexes.baseAddress, table, destination)
  }

  /// Adds `source`, `[width]`, to the named rows of `table`, `[…, width]`.
  public static func addToRows(
    _ indexes: UnsafeBufferPointer<UInt32>, of table: Pointer, width: Int,
    source: UnsafePointer<Float>
  ) {
    CVectorKernels_scatter_rows(width, indexes.count, indexes.baseAddress, source, table)
  }

  /// Sets a share of the numbers to 0 and scales the others by the inverse of what is left, so
  /// that the mean stays (inverted dropout). Equal keys choose equal positions.
  ///
  /// - Parameters:
  ///   - source: `[count]`.
  ///   - destination: `[count]`; may be the same memory.
  ///   - count: how many.
  ///   - share: the share set to 0, in 0..<1.
  ///   - key: what the choice depends on.
  public static func dropout(
    _ source: UnsafePointer<Float>, into destination: Pointer, count: Int, share: Float,
    key: UInt64
  ) {
    CVectorKernels_dropout(
      count, key, UInt32(Double(share) * 0x1p32), 1 / (1 - share), source, destination)
  }

  /// The sum of squares.
  public static func sumOfSquares(_ values: UnsafePointer<Float>, count: Int) -> Double {
    CVectorKernels_sum_of_squares(count, values)
  }
}
