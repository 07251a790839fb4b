import LinearAlgebra
import Testing

@Suite struct RowProductTests {
  private struct Shape {
    let rows: Int
    let inner: Int
    let columns: Int
  }

  private static let shapes = [
    Shape(rows: 1, inner: 1, columns: 1), Shape(rows: 4, inner: 5, columns: 32),
    Shape(rows: 7, inner: 30, columns: 24), Shape(rows: 9, inner: 64, columns: 75),
    Shape(rows: 3, inner: 0, columns: 9),
  ]

  /// Gaps between rows, so that a wrong stride shows.
  private static let gap = 3

  private func product(
    _ shape: Shape, _ left: [Float], _ right: [Float], _ start: [Float], rows: Range<Int>,
    adding: Bool
  ) -> [Float] {
    var (left, right, result) = (left, right, start)
    left.withUnsafeMutableBufferPointer { left in
      right.withUnsafeMutableBufferPointer { right in
        result.withUnsafeMutableBufferPointer { result in
          guard let a = left.baseAddress, let b = right.baseAddress, let c = result.baseAddress
          else { return }
          RowProduct.multiply(
            MatrixView(
              a, rows: shape.rows, columns: shape.inner, stride: shape.inner + Self.gap
            ).rows(rows),
            MatrixView(
              b, rows: shape.inner, columns: shape.columns, stride: shape.columns + Self.gap),
            into: MatrixView(
              c, rows: shape.rows, columns: shape.columns, stride: shape.columns + Self.gap
            ).rows(rows), adding: adding)
        }
      }
    }
    return result
  }

  @Test(arguments: [false, true])
  func agreesWithThreeLoopsAndRowsAreIndependent(adding: Bool) {
    for shape in Self.shapes {
      var noise = Noise(UInt64(shape.rows * 100 + shape.columns))
      let left = noise.array(shape.rows * (shape.inner + Self.gap))
      let right = noise.array(max(shape.inner, 1) * (shape.columns + Self.gap))
      let start = noise.array(shape.rows * (shape.columns + Self.gap))
      let result = product(shape, left, right, start, rows: 0..<shape.rows, adding: adding)
      for row in 0..<shape.rows {
        let place = row * (shape.columns + Self.gap)
        for column in 0..<shape.columns {
          var expected = adding ? Double(start[place + column]) : 0
          for k in 0..<shape.inner {
            expected +=
              Double(left[row * (shape.inner + Self.gap) + k])
              * Double(right[k * (shape.columns + Self.gap) + column])
          }
          #expect(abs(Double(result[place + column]) - expected) < 1e-4)
        }
        let own = place..<place + shape.columns
        let alone = product(shape, left, right, start, rows: row..<row + 1, adding: adding)
        #expect(Array(alone[own]) == Array(result[own]), "row \(row) of \(shape)")
        let between = place + shape.columns..<place + shape.columns + Self.gap
        #expect(Array(result[between]) == Array(start[between]))
      }
    }
  }
}
