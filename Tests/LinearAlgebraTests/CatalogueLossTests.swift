import Foundation
import LinearAlgebra
import Testing

/// Losses over a whole catalogue, and the lengths of rows.
@Suite struct CatalogueLossTests {
  private func bprMax(
    _ logits: [Float], target: Int, regularization: Float, scale: Float = 1
  ) -> (loss: Double, gradient: [Float]) {
    var values = logits
    let loss = values.withUnsafeMutableBufferPointer { values in
      values.baseAddress.map {
        Losses.bprMax(
          logits: $0, count: values.count, target: target, regularization: regularization,
          scale: scale)
      }
    }
    return (loss ?? .nan, values)
  }

  /// By its definition, in double precision.
  private func naive(_ logits: [Double], target: Int, regularization: Double) -> Double {
    let others = logits.indices.filter { $0 != target }
    let total = others.reduce(0.0) { $0 + exp(logits[$1]) }
    var won = 0.0
    var squares = 0.0
    for item in others {
      let share = exp(logits[item]) / total
      won += share / (1 + exp(logits[item] - logits[target]))
      squares += share * logits[item] * logits[item]
    }
    return -log(won) + regularization * squares
  }

  @Test(arguments: [2, 5, 33], [0, 0.5] as [Float])
  func bprMaxAgreesWithItsDefinition(items: Int, regularization: Float) {
    var noise = Noise(UInt64(items))
    for round in 0..<10 {
      let logits = noise.array(items, 4)
      let target = round % items
      let result = bprMax(logits, target: target, regularization: regularization, scale: 2)
      let exact = logits.map(Double.init)
      let weight = Double(regularization)
      let loss = naive(exact, target: target, regularization: weight)
      #expect(abs(result.loss - loss) < 1e-4 * max(1, loss))
      for item in 0..<items {
        var (up, down) = (exact, exact)
        up[item] += 1e-4
        down[item] -= 1e-4
        let slope =
          (naive(up, target: target, regularization: weight)
            - naive(down, target: target, regularization: weight)) / 2e-4
        #expect(abs(Double(result.gradient[item]) - 2 * slope) < 1e-3 * max(1, abs(slope)))
      }
    }
  }

  @Test func bprMaxWithoutNegativesIsNothing() {
    let result = bprMax([3], target: 0, regularization: 1)
    #expect(result.loss == 0 && result.gradient == [0])
    #expect(!bprMax([.nan, 1], target: 0, regularization: 1).loss.isFinite)
  }

  @Test func softmaxSumsToOne() {
    var logits: [Float] = [1000, 1001, -1000]
    logits.withUnsafeMutableBufferPointer { values in
      if let base = values.baseAddress { VectorKernels.softmax(base, count: 3) }
    }
    #expect(abs(logits[0] - 1 / (1 + exp(1))) < 1e-6 && abs(logits[1] - 0.7310586) < 1e-6)
    #expect(logits[2] == 0)
  }

  @Test func rowsGetTheirLengthAndTheirGradientBack() {
    var noise = Noise(11)
    let (rows, width, scale) = (3, 5, Float(2))
    var values = noise.array(rows * width, 2)
    for place in 0..<width { values[place] = 0 }
    let before = values
    let direction = noise.array(rows * width, 1)
    var gradient = direction
    var lengths = [Float](repeating: 0, count: rows)
    var along = 0.0
    values.withUnsafeMutableBufferPointer { values in
      lengths.withUnsafeMutableBufferPointer { lengths in
        gradient.withUnsafeMutableBufferPointer { gradient in
          guard let base = values.baseAddress, let length = lengths.baseAddress,
            let change = gradient.baseAddress
          else { return }
          let matrix = MatrixView(base, rows: rows, columns: width)
          VectorKernels.normalizeRows(matrix, scale: scale, lengths: length)
          along = VectorKernels.normalizeRowsBackward(
            matrix, scale: scale, lengths: length, gradient: change)
        }
      }
    }
    #expect(values[..<width].allSatisfy { $0 == 0 }, "a row of zeros stays")
    var product = 0.0
    for row in 1..<rows {
      let range = row * width..<(row + 1) * width
      let length = range.reduce(0.0) { $0 + Double(before[$1] * before[$1]) }.squareRoot()
      #expect(abs(Double(lengths[row]) - length) < 1e-5)
      /// The weighed sum of the row at another place, in double precision.
      func loss(_ place: Int, _ shift: Double) -> Double {
        let moved = range.map { Double(before[$0]) + ($0 == place ? shift : 0) }
        let length = moved.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return zip(moved, range).reduce(0) {
          $0 + Double(scale) * $1.0 / length * Double(direction[$1.1])
        }
      }
      for place in range {
        let slope = (loss(place, 1e-5) - loss(place, -1e-5)) / 2e-5
        #expect(abs(Double(gradient[place]) - slope) < 1e-4)
        product += Double(values[place] * direction[place])
      }
    }
    #expect(abs(along - product) < 1e-4)
  }
}
