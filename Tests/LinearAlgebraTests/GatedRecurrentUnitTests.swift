import Foundation
import LinearAlgebra
import Testing

@Suite struct GatedRecurrentUnitTests {
  /// One step of one unit by the formulas, in double precision.
  private func naive(_ gates: [Float], _ previous: Float) -> Double {
    let reset = 1 / (1 + exp(-Double(gates[1])))
    let update = 1 / (1 + exp(-Double(gates[2])))
    let candidate = tanh(Double(gates[0]) + reset * Double(gates[3]))
    return (1 - update) * candidate + update * Double(previous)
  }

  @Test(arguments: [1, 5, 32, 67])
  func agreesWithTheFormulas(units: Int) {
    let rows = 3
    var noise = Noise(UInt64(units))
    var gates = noise.array(rows * 4 * units, 3)
    let start = gates
    let previous = noise.array(rows * units)
    var state = [Float](repeating: .nan, count: rows * units)
    step(&gates, previous, &state, rows: rows, units: units)
    for row in 0..<rows {
      for unit in 0..<units {
        let one = (0..<4).map { start[(row * 4 + $0) * units + unit] }
        let expected = naive(one, previous[row * units + unit])
        #expect(abs(Double(state[row * units + unit]) - expected) < 1e-6)
      }
    }
  }

  @Test func aClosedUpdateGateKeepsTheState() {
    var gates: [Float] = [5, 0, 200, 0]
    var state: [Float] = [0]
    step(&gates, [0.25], &state, rows: 1, units: 1)
    #expect(state == [0.25])
  }

  @Test func gradientsAgreeWithDifferences() {
    let (rows, units) = (2, 9)
    var noise = Noise(11)
    let start = noise.array(rows * 4 * units, 2)
    let previous = noise.array(rows * units)
    let weights = noise.array(rows * units)
    func loss(_ gates: [Float], _ previous: [Float]) -> Double {
      var sum = 0.0
      for row in 0..<rows {
        for unit in 0..<units {
          let one = (0..<4).map { gates[(row * 4 + $0) * units + unit] }
          sum += naive(one, previous[row * units + unit]) * Double(weights[row * units + unit])
        }
      }
      return sum
    }
    var gates = start
    var state = [Float](repeating: 0, count: rows * units)
    step(&gates, previous, &state, rows: rows, units: units)
    var before = [Float](repeating: 1, count: rows * units)
    gates.withUnsafeMutableBufferPointer { gates in
      previous.withUnsafeBufferPointer { previous in
        weights.withUnsafeBufferPointer { weights in
          before.withUnsafeMutableBufferPointer { before in
            guard let gates = gates.baseAddress, let previous = previous.baseAddress,
              let weights = weights.baseAddress, let before = before.baseAddress
            else { return }
            GatedRecurrentUnit.backward(
              gates: gates, previous: previous, stateGradient: weights,
              previousGradient: before, adding: true, rows: rows, units: units)
          }
        }
      }
    }
    let step: Float = 1e-2
    for place in start.indices {
      var up = start
      var down = start
      up[place] += step
      down[place] -= step
      let expected =
        (loss(up, previous) - loss(down, previous)) / Double(up[place] - down[place])
      #expect(abs(Double(gates[place]) - expected) < 1e-4, "gate \(place)")
    }
    for place in previous.indices {
      var up = previous
      var down = previous
      up[place] += step
      down[place] -= step
      let expected = (loss(start, up) - loss(start, down)) / Double(up[place] - down[place])
      #expect(abs(Double(before[place]) - 1 - expected) < 1e-4, "previous \(place)")
    }
  }

  private func step(
    _ gates: inout [Float], _ previous: [Float], _ state: inout [Float], rows: Int, units: Int
  ) {
    gates.withUnsafeMutableBufferPointer { gates in
      previous.withUnsafeBufferPointer { previous in
        state.withUnsafeMutableBufferPointer { state in
          guard let gates = gates.baseAddress, let previous = previous.baseAddress,
            let state = state.baseAddress
          else { return }
          GatedRecurrentUnit.forward(
            gates: gates, previous: previous, state: state, rows: rows, units: units)
        }
      }
    }
  }
}
