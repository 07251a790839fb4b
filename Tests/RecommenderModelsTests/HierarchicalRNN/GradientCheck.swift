import InteractionData
import Testing

@testable import RecommenderModels

/// Compares gradients with central differences of a loss.
enum GradientCheck {
  /// Tries a random direction through each whole tensor, then a few single numbers.
  static func compare(
    _ slots: [TensorSlot], parameters: FloatBuffer, gradient: FloatBuffer, seed: UInt64,
    loss: () -> Double
  ) {
    var generator = SeededGenerator(seed: seed, stream: 1)
    for slot in slots {
      var directions = [(0..<slot.count).map { _ in Float(generator.nextGaussian()) }]
      for _ in 0..<min(slot.count, 6) {
        var direction = [Float](repeating: 0, count: slot.count)
        direction[generator.nextIndex(below: slot.count)] = 1
        directions.append(direction)
      }
      let values = parameters.pointer(slot)
      let saved = (0..<slot.count).map { values[$0] }
      for (number, direction) in directions.enumerated() {
        let length = Double(direction.reduce(0) { $0 + $1 * $1 }).squareRoot()
        let difference = 0.01 / max(length / 2, 1)
        func shiftedLoss(at distance: Double) -> Double {
          for place in 0..<slot.count {
            values[place] = saved[place] + Float(distance) * direction[place]
          }
          return loss()
        }
        let numeric =
          (shiftedLoss(at: difference) - shiftedLoss(at: -difference)) / (2 * difference)
        for place in 0..<slot.count { values[place] = saved[place] }
        var analytic = 0.0
        for place in 0..<slot.count {
          analytic += Double(gradient.pointer(slot)[place] * direction[place])
        }
        let tolerance = 0.02 + 0.01 * max(abs(numeric), abs(analytic))
        #expect(
          abs(numeric - analytic) < tolerance,
          "\(slot.name), direction \(number): \(analytic), not \(numeric); seed \(seed)")
      }
    }
  }
}
