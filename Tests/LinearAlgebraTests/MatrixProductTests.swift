import Testing

@testable import LinearAlgebra

/// Deterministic noise without a dependency on the data module.
struct Noise {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next(_ scale: Float = 1) -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (Float(state >> 40) / Float(1 << 23) - 1) * scale
  }

  mutating func array(_ count: Int, _ scale: Float = 1) -> [Float] {
    (0..<count).map { _ in next(scale) }
  }
}

@Suite struct MatrixProductTests {
  private struct Shape {
    let m: Int
    let n: Int
    let k: Int
  }

  @Test(arguments: [false, true], [false, true])
  func agreesWithThreeLoops(leftTransposed: Bool, rightTransposed: Bool) {
    for shape in [
      Shape(m: 1, n: 1, k: 1), Shape(m: 1, n: 192, k: 64), Shape(m: 5, n: 7, k: 3),
      Shape(m: 64, n: 24, k: 65), Shape(m: 33, n: 96, k: 31),
    ] {
      for adding in [false, true] {
        var noise = Noise(UInt64(shape.m * 1000 + shape.n))
        var left = noise.array(shape.m * shape.k)
        var right = noise.array(shape.k * shape.n)
        let start = noise.array(shape.m * (shape.n + 2))
        var result = start
        let (leftRows, leftColumns) =
          leftTransposed ? (shape.k, shape.m) : (shape.m, shape.k)
        let (rightRows, rightColumns) =
          rightTransposed ? (shape.n, shape.k) : (shape.k, shape.n)
        left.withUnsafeMutableBufferPointer { left in
          right.withUnsafeMutableBufferPointer { right in
            result.withUnsafeMutableBufferPointer { result in
              guard let a = left.baseAddress, let b = right.baseAddress,
                let c = result.baseAddress
              else { return }
              MatrixProduct.multiply(
                MatrixView(a, rows: leftRows, columns: leftColumns),
                leftTransposed ? .transposed : .plain,
                MatrixView(b, rows: rightRows, columns: rightColumns),
                rightTransposed ? .transposed : .plain,
                into: MatrixView(c, rows: shape.m, columns: shape.n, stride: shape.n + 2),
                adding: adding)
            }
          }
        }
        for i in 0..<shape.m {
          for j in 0..<shape.n + 2 {
            let place = i * (shape.n + 2) + j
            // The columns between the rows stay as they were.
            var expected = j < shape.n && !adding ? 0 : Double(start[place])
            for l in 0..<(j < shape.n ? shape.k : 0) {
              expected +=
                Double(leftTransposed ? left[l * shape.m + i] : left[i * shape.k + l])
                * Double(rightTransposed ? right[j * shape.k + l] : right[l * shape.n + j])
            }
            #expect(abs(Double(result[place]) - expected) < 1e-4, "\(shape) at \(i), \(j)")
          }
        }
      }
    }
  }

  @Test func anEmptySumIsZero() {
    var result: [Float] = [1, 2, 3, 4]
    var nothing: [Float] = [0]
    result.withUnsafeMutableBufferPointer { result in
      nothing.withUnsafeMutableBufferPointer { nothing in
        guard let c = result.baseAddress, let a = nothing.baseAddress else { return }
        let target = MatrixView(c, rows: 2, columns: 2)
        let left = MatrixView(a, rows: 2, columns: 0)
        let right = MatrixView(a, rows: 0, columns: 2)
        MatrixProduct.multiply(left, right, into: target, adding: true)
        #expect(c[3] == 4)
        MatrixProduct.multiply(left, right, into: target)
      }
    }
    #expect(result == [0, 0, 0, 0])
  }

  @Test func viewsOfPartsPointIntoTheWhole() {
    var values: [Float] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      let part = MatrixView(base, rows: 3, columns: 4).columns(1..<3).rows(1..<3)
      #expect(part.rows == 2 && part.columns == 2 && part.stride == 4)
      #expect(part.row(0)[0] == 5 && part.row(1)[1] == 10)
    }
  }

  /// Shapes around the kernels' edges: tiles of 8 rows and 48 columns, 256 rows packed at a time,
  /// 64 rows unpacked, and left factors whose columns lie 1024 apart.
  @Test(arguments: [false, true], [false, true])
  func everyVectorWidthAgreesWithThreeLoops(leftTransposed: Bool, rightTransposed: Bool) {
    let edges = [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 47, 48, 49, 63, 64, 65, 97]
    var noise = Noise(leftTransposed ? 3 : 4)
    func edge() -> Int { edges[Int((noise.next() + 1) / 2 * Float(edges.count - 1))] }
    var shapes = (0..<40).map { _ in Shape(m: edge(), n: edge(), k: edge()) }
    shapes += [
      Shape(m: 9, n: 50, k: 255), Shape(m: 65, n: 33, k: 256), Shape(m: 3, n: 16, k: 257),
      Shape(m: 70, n: 48, k: 513), Shape(m: 1025, n: 17, k: 5), Shape(m: 1040, n: 3, k: 300),
    ]
    for shape in shapes {
      let left = noise.array(shape.m * shape.k)
      let right = noise.array(shape.k * shape.n)
      let start = noise.array(shape.m * shape.n)
      var expected = start.map(Double.init)
      for i in 0..<shape.m {
        for j in 0..<shape.n {
          for l in 0..<shape.k {
            expected[i * shape.n + j] +=
              Double(leftTransposed ? left[l * shape.m + i] : left[i * shape.k + l])
              * Double(rightTransposed ? right[j * shape.k + l] : right[l * shape.n + j])
          }
        }
      }
      for width in [4, 8, 16] where width <= MatrixProduct.vectorWidth {
        let result = product(
          left, leftTransposed, right, rightTransposed, shape, into: start, width: width)
        let worst = zip(result, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
        #expect(worst < 2e-6 * Double(shape.k) + 1e-6, "\(shape), vectors of \(width)")
      }
    }
  }

  @Test func aRowDoesNotDependOnThoseBesideIt() {
    var noise = Noise(5)
    let (n, k) = (200, 300)
    let left = noise.array(100 * k)
    let right = noise.array(n * k)
    for transposed in [false, true] {
      for width in [4, 8, 16] where width <= MatrixProduct.vectorWidth {
        let whole = product(
          left, false, right, transposed, Shape(m: 100, n: n, k: k),
          into: [Float](repeating: 0, count: 100 * n), width: width)
        for row in [0, 7, 63, 99] {
          let alone = product(
            Array(left[row * k..<(row + 1) * k]), false, right, transposed,
            Shape(m: 1, n: n, k: k), into: [Float](repeating: 0, count: n), width: width)
          #expect(alone == Array(whole[row * n..<(row + 1) * n]), "row \(row)")
        }
      }
    }
  }

  /// `start + left · right`, both factors without gaps.
  private func product(
    _ left: [Float], _ leftTransposed: Bool, _ right: [Float], _ rightTransposed: Bool,
    _ shape: Shape, into start: [Float], width: Int
  ) -> [Float] {
    var (left, right, result) = (left, right, start)
    left.withUnsafeMutableBufferPointer { left in
      right.withUnsafeMutableBufferPointer { right in
        result.withUnsafeMutableBufferPointer { result in
          guard let a = left.baseAddress, let b = right.baseAddress, let c = result.baseAddress
          else { return }
          let (m, n, k) = (shape.m, shape.n, shape.k)
          MatrixProduct.multiply(
            leftTransposed
              ? MatrixView(a, rows: k, columns: m) : MatrixView(a, rows: m, columns: k),
            leftTransposed ? .transposed : .plain,
            rightTransposed
              ? MatrixView(b, rows: n, columns: k) : MatrixView(b, rows: k, columns: n),
            rightTransposed ? .transposed : .plain,
            into: MatrixView(c, rows: m, columns: n), adding: true, vectorWidth: width)
        }
      }
    }
    return result
  }
}
