internal import CVectorKernels

/// The AdamW optimiser (Loshchilov and Hutter 2019, arXiv:1711.05101) over one run of parameters.
public struct AdamW {
  private static let beta1 = 0.9
  private static let beta2 = 0.999
  private static let epsilon = 1e-8

  /// The running mean of the gradient. `[count]`
  public private(set) var firstMoment: [Float]
  /// The running mean of the gradient's square. `[count]`
  public private(set) var secondMoment: [Float]
  /// The steps made.
  public private(set) var step = 0

  /// Makes an optimiser for this many parameters.
  public init(count: Int) {
    firstMoment = [Float](repeating: 0, count: count)
    secondMoment = firstMoment
  }

  /// Makes an optimiser that goes on from another's moments, after this many steps.
  public init(firstMoment: [Float], secondMoment: [Float], step: Int) {
    precondition(
      firstMoment.count == secondMoment.count && step >= 0,
      "moments of \(firstMoment.count) and \(secondMoment.count) parameters, step \(step)")
    self.firstMoment = firstMoment
    self.secondMoment = secondMoment
    self.step = step
  }

  /// Makes one step.
  ///
  /// - Parameters:
  ///   - parameters: `[count]`, changed in place.
  ///   - gradient: `[count]`.
  ///   - gradientScale: a factor of the gradient, such as clipping asks for.
  ///   - learningRate: the length of the step.
  ///   - weightDecay: the decoupled decay, times the learning rate.
  ///   - decayed: the ranges of parameters that decay, ascending.
  public mutating func update(
    _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    gradientScale: Double, learningRate: Double, weightDecay: Double, decayed: [Range<Int>]
  ) {
    step += 1
    let firstCorrection = 1 - power(Self.beta1, step)
    let root = (1 - power(Self.beta2, step)).squareRoot()
    let stepSize = Float(learningRate * root / firstCorrection)
    let epsilon = Float(Self.epsilon * root)
    func update(_ range: Range<Int>, _ decay: Double) {
      let start = range.lowerBound
      firstMoment.withUnsafeMutableBufferPointer { first in
        secondMoment.withUnsafeMutableBufferPointer { second in
          guard let first = first.baseAddress, let second = second.baseAddress else { return }
          CVectorKernels_adamw(
            range.count, Float(gradientScale), stepSize, epsilon, Float(decay),
            Float(Self.beta1), Float(Self.beta2), gradient + start, first + start,
            second + start, parameters + start)
        }
      }
    }
    var position = 0
    for range in decayed {
      update(position..<range.lowerBound, 0)
      update(range, learningRate * weightDecay)
      position = range.upperBound
    }
    update(position..<firstMoment.count, 0)
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var factor = base
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}
