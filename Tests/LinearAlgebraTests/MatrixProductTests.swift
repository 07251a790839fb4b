import LinearAlgebra
import Testing

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

  @Test func theCoreIsNamedOnlyWhereItHelps() {
    let variable = BLASRuntime.coreTypeVariable
    #expect(BLASRuntime.coreTypeForReexecution(environment: [variable: "Haswell"]) == nil)
    let proposal = BLASRuntime.coreTypeForReexecution(environment: [:])
    #expect(proposal == nil || proposal == "SkylakeX")
    #expect(proposal == nil || BLASRuntime.coreName.lowercased() != "skylakex")
  }
}
