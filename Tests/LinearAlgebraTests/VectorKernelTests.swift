import Foundation
import LinearAlgebra
import Testing

@Suite struct VectorKernelTests {
  private static let range: [Float] = stride(from: -120, through: 120, by: 0.0137).map { Float($0) }

  private func apply(
    _ values: [Float],
    _ kernel: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) -> [Float] {
    var result = [Float](repeating: .nan, count: values.count)
    values.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { result in
        if let source = source.baseAddress, let result = result.baseAddress {
          kernel(source, result, values.count)
        }
      }
    }
    return result
  }

  @Test func exponentialOverItsRange() {
    let results = apply(Self.range) { VectorKernels.exp($0, into: $1, count: $2) }
    for (x, y) in zip(Self.range, results) where x > -87 && x < 88 {
      let expected = exp(Double(x))
      #expect(abs(Double(y) - expected) <= 2.5e-7 * expected, "exp(\(x))")
    }
    for (x, y) in zip(Self.range, results) where x < -87.4 { #expect(y == 0, "exp(\(x))") }
    #expect(results.allSatisfy { $0.isFinite })
    #expect(apply([0]) { VectorKernels.exp($0, into: $1, count: $2) } == [1])
  }

  @Test func sigmoidAndHyperbolicTangentOverTheirRange() {
    let sigmoids = apply(Self.range) { VectorKernels.sigmoid($0, into: $1, count: $2) }
    let tangents = apply(Self.range) { source, result, count in
      result.update(from: source, count: count)
      VectorKernels.tanh(result, count: count)
    }
    for (index, x) in Self.range.enumerated() {
      #expect(abs(Double(sigmoids[index]) - 1 / (1 + exp(-Double(x)))) < 2e-7, "σ(\(x))")
      #expect(abs(Double(tangents[index]) - tanh(Double(x))) < 3e-7, "tanh(\(x))")
    }
  }

  @Test func infinityAndNoNumber() {
    let values: [Float] = [.infinity, -.infinity, .nan]
    let exponentials = apply(values) { VectorKernels.exp($0, into: $1, count: $2) }
    #expect(exponentials[0].isFinite && exponentials[0] > 1e38)
    #expect(exponentials[1] == 0 && exponentials[2].isNaN)
    let sigmoids = apply(values) { VectorKernels.sigmoid($0, into: $1, count: $2) }
    #expect(sigmoids[0] == 1 && sigmoids[1] < 1e-37 && sigmoids[2].isNaN)
  }

  @Test func rowsAreGatheredAndScattered() {
    var noise = Noise(3)
    let width = 37
    var table = noise.array(5 * width)
    let before = table
    var sum = noise.array(width)
    let start = sum
    let indexes: [UInt32] = [4, 0, 4]
    indexes.withUnsafeBufferPointer { indexes in
      table.withUnsafeMutableBufferPointer { table in
        sum.withUnsafeMutableBufferPointer { sum in
          guard let table = table.baseAddress, let sum = sum.baseAddress else { return }
          VectorKernels.addRows(indexes, of: table, width: width, to: sum)
          VectorKernels.addToRows(indexes, of: table, width: width, source: sum)
        }
      }
    }
    for j in 0..<width {
      let expected = start[j] + before[4 * width + j] + before[j] + before[4 * width + j]
      #expect(abs(sum[j] - expected) < 1e-5)
      #expect(abs(table[j] - (before[j] + sum[j])) < 1e-5)
      #expect(table[width + j] == before[width + j])
      #expect(abs(table[4 * width + j] - (before[4 * width + j] + 2 * sum[j])) < 1e-5)
    }
  }

  @Test func columnSums() {
    var values: [Float] = [1, 2, 9, 3, 4, 9]
    var sums: [Float] = [10, 20]
    values.withUnsafeMutableBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        guard let base = values.baseAddress, let sums = sums.baseAddress else { return }
        VectorKernels.addColumnSums(
          of: MatrixView(base, rows: 2, columns: 2, stride: 3), to: sums)
      }
    }
    #expect(sums == [14, 26])
  }

  @Test func dropoutKeepsItsShareAndIsTheSameForEqualKeys() {
    let ones = [Float](repeating: 1, count: 100_000)
    func drop(_ key: UInt64, _ share: Float) -> [Float] {
      apply(ones) {
        VectorKernels.dropout($0, into: $1, count: $2, share: share, key: key)
      }
    }
    let first = drop(7, 0.2)
    #expect(first == drop(7, 0.2))
    #expect(first != drop(8, 0.2) && first != drop(7 + 1 << 40, 0.2))
    let zeros = first.count { $0 == 0 }
    // Five standard deviations of a binomial distribution.
    #expect(abs(zeros - 20_000) < 5 * 127, "\(zeros) of 100,000")
    #expect(first.allSatisfy { $0 == 0 || $0 == 1.25 })
    #expect(drop(7, 0) == ones)
  }

  @Test func sumOfSquares() {
    let values: [Float] = [3, 4, 12]
    values.withUnsafeBufferPointer {
      if let base = $0.baseAddress { #expect(VectorKernels.sumOfSquares(base, count: 3) == 169) }
    }
  }
}
