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

  /// Neighbouring parameters that a step treats alike.
  public struct Run {
    /// The parameters.
    public let parameters: Range<Int>
    /// Where their gradient begins.
    public let gradientStart: Int
    /// Whether weight decay pulls them towards 0.
    public let decays: Bool

    /// Makes a run.
    public init(parameters: Range<Int>, gradientStart: Int, decays: Bool) {
      self.parameters = parameters
      self.gradientStart = gradientStart
      self.decays = decays
    }
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
    update(
      parameters, gradient: gradient, gradientScale: gradientScale, learningRate: learningRate,
      weightDecay: weightDecay, runs: Self.runs(of: 0..<firstMoment.count, decayed: decayed))
  }

  /// Makes one step of some of the parameters; the others and their moments stay as they are.
  ///
  /// - Parameters:
  ///   - parameters: `[count]`, changed in place.
  ///   - gradient: what the runs speak of.
  ///   - gradientScale: a factor of the gradient, such as clipping asks for.
  ///   - learningRate: the length of the step.
  ///   - weightDecay: the decoupled decay, times the learning rate.
  ///   - runs: which parameters to change, none twice.
  public mutating func update(
    _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    gradientScale: Double, learningRate: Double, weightDecay: Double, runs: [Run]
  ) {
    step += 1
    let firstCorrection = 1 - power(Self.beta1, step)
    let root = (1 - power(Self.beta2, step)).squareRoot()
    let stepSize = Float(learningRate * root / firstCorrection)
    let epsilon = Float(Self.epsilon * root)
    firstMoment.withUnsafeMutableBufferPointer { first in
      secondMoment.withUnsafeMutableBufferPointer { second in
        guard let first = first.baseAddress, let second = second.baseAddress else { return }
        for run in runs {
          let start = run.parameters.lowerBound
          CVectorKernels_adamw(
            run.parameters.count, Float(gradientScale), stepSize, epsilon,
            Float(run.decays ? learningRate * weightDecay : 0), Float(Self.beta1),
            Float(Self.beta2), gradient + run.gradientStart, first + start, second + start,
            parameters + start)
        }
      }
    }
  }

  /// The runs of a range of parameters whose gradient lies as they do.
  public static func runs(of range: Range<Int>, decayed: [Range<Int>]) -> [Run] {
    var runs: [Run] = []
    func add(_ part: Range<Int>, _ decays: Bool) {
      let part = part.clamped(to: range)
      if part.isEmpty { return }
      runs.append(Run(parameters: part, gradientStart: part.lowerBound, decays: decays))
    }
    var position = range.lowerBound
    for part in decayed {
      add(position..<max(position, part.lowerBound), false)
      add(part, true)
      position = max(position, part.upperBound)
    }
    add(position..<max(position, range.upperBound), false)
    return runs
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
