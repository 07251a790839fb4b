import LinearAlgebra
import Testing

@Suite struct AdamWTests {
  private func update(
    _ optimiser: inout AdamW, _ parameters: inout [Float], _ gradient: [Float], decay: Double,
    decayed: [Range<Int>]
  ) {
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { gradient in
        if let parameters = parameters.baseAddress, let gradient = gradient.baseAddress {
          optimiser.update(
            parameters, gradient: gradient, gradientScale: 1, learningRate: 0.1,
            weightDecay: decay, decayed: decayed)
        }
      }
    }
  }

  @Test func theFirstStepHasTheLearningRatesLength() {
    var optimiser = AdamW(count: 3)
    var parameters: [Float] = [1, 1, 1]
    update(&optimiser, &parameters, [4, -0.01, 0], decay: 0, decayed: [])
    #expect(abs(parameters[0] - 0.9) < 1e-5)
    #expect(abs(parameters[1] - 1.1) < 1e-5)
    #expect(parameters[2] == 1)
  }

  @Test func onlyTheNamedRangesDecay() {
    var optimiser = AdamW(count: 4)
    var parameters: [Float] = [1, 1, 1, 1]
    update(&optimiser, &parameters, [0, 0, 0, 0], decay: 0.5, decayed: [1..<2, 3..<4])
    #expect(parameters == [1, 0.95, 1, 0.95])
  }

  @Test func findsTheLowestPoint() {
    var optimiser = AdamW(count: 2)
    var parameters: [Float] = [5, -5]
    for _ in 0..<2000 {
      let gradient = [2 * (parameters[0] - 1), 20 * (parameters[1] - 2)]
      update(&optimiser, &parameters, gradient, decay: 0, decayed: [])
    }
    #expect(abs(parameters[0] - 1) < 0.05 && abs(parameters[1] - 2) < 0.05)
  }
}
