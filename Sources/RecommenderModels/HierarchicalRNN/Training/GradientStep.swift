internal import LinearAlgebra

/// Sums the shards' gradients in their order and lets the optimiser make its step.
struct GradientStep {
  private let parameters: FloatBuffer
  private let decayed: [Range<Int>]
  private let weightDecay: Double
  private let gradientClip: Double
  private let schedule: OneCycle
  private var optimiser: AdamW

  /// Parameters summed in one piece of work.
  private static let chunkSize = 16_384

  init(
    _ parameters: FloatBuffer, decayed: [Range<Int>], settings: HRNNConfiguration, stepCount: Int
  ) {
    self.parameters = parameters
    self.decayed = decayed
    weightDecay = settings.weightDecay
    gradientClip = settings.gradientClip
    schedule = OneCycle(peak: settings.learningRate, stepCount: stepCount)
    optimiser = AdamW(count: parameters.count)
  }

  /// The optimiser's running means of the gradient and of its square. `[parameters]` each
  var moments: (first: [Float], second: [Float]) {
    (optimiser.firstMoment, optimiser.secondMoment)
  }

  /// Goes on from an earlier run's moments, after this many steps.
  mutating func restore(firstMoment: [Float], secondMoment: [Float], step: Int) {
    optimiser = AdamW(firstMoment: firstMoment, secondMoment: secondMoment, step: step)
  }

  /// Makes one step.
  ///
  /// - Parameters:
  ///   - step: its number, from 0.
  ///   - gradients: one a shard, at least one; the first becomes the sum.
  ///   - rows: which rows of the tables the gradients speak of; nil for all parameters.
  ///   - threadCount: the most threads to use.
  /// - Returns: whether the gradient was finite; if not, nothing was changed.
  mutating func apply(
    step: Int, gradients: ArraySlice<FloatBuffer>, rows: RowSelection? = nil, threadCount: Int
  ) -> Bool {
    let count = rows?.gradientCount ?? parameters.count
    let chunks = Parallel.chunks(of: count, chunkSize: Self.chunkSize)
    let sum = gradients[gradients.startIndex]
    Parallel.forEach(count: chunks.count, threadCount: threadCount) { chunk in
      let range = chunks[chunk]
      for other in gradients.dropFirst() {
        VectorKernels.add(
          other.base + range.lowerBound, to: sum.base + range.lowerBound, count: range.count)
      }
    }
    let norm = VectorKernels.sumOfSquares(sum.base, count: count).squareRoot()
    guard norm.isFinite else { return false }
    optimiser.update(
      parameters.base, gradient: sum.base,
      gradientScale: norm > gradientClip ? gradientClip / norm : 1,
      learningRate: schedule.learningRate(step: step), weightDecay: weightDecay,
      runs: rows?.runs(decayed: decayed)
        ?? AdamW.runs(of: 0..<parameters.count, decayed: decayed))
    return true
  }
}
