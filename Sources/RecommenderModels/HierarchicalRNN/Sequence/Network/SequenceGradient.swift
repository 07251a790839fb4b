internal import LinearAlgebra

/// Where the passes over one shard leave the gradient: laid out as its selection of rows says.
/// One thread works on it at a time.
final class SequenceGradient: @unchecked Sendable {
  private(set) var buffer: FloatBuffer
  private(set) var embeddings: MatrixView
  private(set) var biases: UnsafeMutablePointer<Float>

  init() {
    buffer = FloatBuffer(count: 0)
    embeddings = MatrixView(buffer.base, rows: 0, columns: 0)
    biases = buffer.base
  }

  /// Makes room for a batch, all zero.
  func begin(_ selection: RowSelection) {
    if buffer.count < selection.gradientCount {
      buffer = FloatBuffer(count: selection.gradientCount + selection.gradientCount / 4)
    } else {
      buffer.base.update(repeating: 0, count: selection.gradientCount)
    }
    embeddings = MatrixView(
      buffer.base + selection.tables[0].gradientStart, rows: selection.rows.count,
      columns: selection.tables[0].slot.columns)
    biases = buffer.base + selection.tables[1].gradientStart
  }
}
