import Foundation
import TensorFiles
import Testing

@testable import RecommenderModels

/// A stored run of the same network in PyTorch; `Reference/make_….py` made it.
struct ReferenceRun {
  let file: SafetensorsFile
  let name: String

  /// How far a number of float32 arithmetic may lie from the reference's float64: in parts of the
  /// largest of its tensor.
  static let tolerance = 2e-5

  init(_ name: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    file = try SafetensorsFile(path: folder.appendingPathComponent("Reference/\(name)").path)
    self.name = name
  }

  func floats(_ name: String) throws -> [Float] { try file.column(name, as: Float.self).array }
  func bytes(_ name: String) throws -> [Int] {
    try file.column(name, as: UInt8.self).array.map { Int($0) }
  }

  /// The settings of the ten steps.
  var settings: HRNNConfiguration {
    get throws {
      func number(_ name: String) throws -> Double {
        try #require(Double(file.metadata[name] ?? ""), "\(name)")
      }
      var settings = HRNNConfiguration()
      settings.learningRate = try number("learning_rate")
      settings.weightDecay = try number("weight_decay")
      settings.gradientClip = try number("gradient_clip")
      return settings
    }
  }

  /// Compares numbers with a tensor of the reference.
  func compare(
    _ values: UnsafeBufferPointer<Float>, with tensor: String, tolerance: Double = tolerance,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try floats(tensor)
    #expect(values.count == expected.count, "\(name): \(tensor)", sourceLocation: sourceLocation)
    let largest = expected.reduce(0) { max($0, Double(abs($1))) }
    var worst = 0.0
    for (value, expected) in zip(values, expected) {
      worst = max(worst, abs(Double(value) - Double(expected)))
      if !value.isFinite { worst = .infinity }
    }
    #expect(
      worst <= tolerance * max(largest, 1e-3), "\(name): \(tensor) is \(worst) off",
      sourceLocation: sourceLocation)
  }

  /// Compares every tensor of a gradient.
  func compare(gradient: FloatBuffer, _ slots: [TensorSlot]) throws {
    for slot in slots {
      try compare(
        UnsafeBufferPointer(start: gradient.pointer(slot), count: slot.count),
        with: "gradient.\(slot.name)")
    }
    let stored = file.tensors.keys.filter { $0.hasPrefix("gradient.") }
    #expect(Set(stored) == Set(slots.map { "gradient.\($0.name)" }), "\(name)")
  }

  /// Makes the reference's steps and compares the loss before each.
  ///
  /// - Parameters:
  ///   - parameters: of the network, as the reference begins with them.
  ///   - decayed: the ranges that decay.
  ///   - step: computes loss and gradient.
  ///   - changed: follows each step.
  /// - Throws: when the file lacks something.
  func compareLosses(
    parameters: FloatBuffer, decayed: [Range<Int>],
    step: () -> (loss: Double, gradient: FloatBuffer), changed: () -> Void
  ) throws {
    let losses = try floats("losses")
    #expect(losses.count == 10, "\(name)")
    var optimiser = GradientStep(
      parameters, decayed: decayed, settings: try settings, stepCount: losses.count)
    for (number, expected) in losses.enumerated() {
      let (loss, gradient) = step()
      #expect(
        abs(loss - Double(expected)) <= 1e-4 * Double(expected),
        "\(name): the loss of step \(number) is \(loss), not \(expected)")
      let isFinite = optimiser.apply(step: number, gradients: [gradient], threadCount: 1)
      #expect(isFinite, "\(name): step \(number)")
      changed()
    }
  }
}
