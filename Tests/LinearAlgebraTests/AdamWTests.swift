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

  /// Runs change what they name, as a step of all parameters would, and nothing else.
  @Test func runsChangeOnlyWhatTheyName() {
    var (whole, part) = (AdamW(count: 4), AdamW(count: 4))
    var (expected, parameters): ([Float], [Float]) = ([1, 2, 3, 4], [1, 2, 3, 4])
    for step in 1...3 {
      update(
        &whole, &expected, [0, Float(step), 0, 1], decay: 0.5, decayed: [1..<2])
      let gradient: [Float] = [1, Float(step)]
      parameters.withUnsafeMutableBufferPointer { parameters in
        gradient.withUnsafeBufferPointer { gradient in
          guard let base = parameters.baseAddress, let slope = gradient.baseAddress else { return }
          part.update(
            base, gradient: slope, gradientScale: 1, learningRate: 0.1, weightDecay: 0.5,
            runs: [
              AdamW.Run(parameters: 3..<4, gradientStart: 0, decays: false),
              AdamW.Run(parameters: 1..<2, gradientStart: 1, decays: true),
            ])
        }
      }
    }
    #expect(parameters == expected)
  }

  @Test func runsCoverARangeOnce() {
    let runs = AdamW.runs(of: 2..<9, decayed: [0..<3, 5..<6, 8..<12])
    #expect(runs.map(\.parameters) == [2..<3, 3..<5, 5..<6, 6..<8, 8..<9])
    #expect(runs.map(\.decays) == [true, false, true, false, true])
    #expect(runs.map(\.gradientStart) == [2, 3, 5, 6, 8])
  }
}
