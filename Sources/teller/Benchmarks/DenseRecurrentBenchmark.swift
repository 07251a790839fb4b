internal import InteractionData
internal import LinearAlgebra
internal import TensorFiles

/// One recurrent layer over dense random inputs, trained with the kernels the network trains with:
/// what other frameworks' benchmarks measure.
///
/// A step is forward, a masked softmax over the items taken, backward, a gradient of every weight,
/// clipping to length 5, and Adam. Batches are cut into shards of 64 rows, which threads take; a
/// shard's inputs of all steps are one product, and so are its weights' gradients.
final class DenseRecurrentBenchmark {
  /// The sizes of a run.
  struct Shape {
    var hidden: Int
    var batch: Int
    var months: Int
    var inputs: Int
    var outputs: Int

    var samples: Int { batch * months }
    /// Multiplications and additions of a step's matrix products: three times the forward pass's.
    var operations: Double {
      Double(samples)
        * Double(2 * 3 * hidden * (inputs + hidden) + 2 * hidden * outputs) * 3
    }
  }

  /// Different batches, taken in turn.
  private static let batchCount = 4
  private static let shardRows = 64

  private let shape: Shape
  private let threadCount: Int
  private let layout: DenseRecurrentLayout
  private let parameters: WorkArray
  private let gradients: [WorkArray]
  private let spaces: [DenseRecurrentSpace]
  private let batches: [[DenseRecurrentShard]]
  private var optimiser: AdamW

  init(_ shape: Shape, threadCount: Int) {
    self.shape = shape
    self.threadCount = threadCount
    let layout = DenseRecurrentLayout(shape)
    self.layout = layout
    parameters = WorkArray(layout.count)
    var generator = SeededGenerator(seed: 1)
    let bound = 1 / Double(shape.hidden).squareRoot()
    for place in 0..<layout.output.upperBound {
      parameters.base[place] = Float((2 * generator.nextUnitDouble() - 1) * bound)
    }
    let ranges = Parallel.chunks(of: shape.batch, chunkSize: Self.shardRows)
    gradients = ranges.map { _ in WorkArray(layout.count) }
    spaces = ranges.map { DenseRecurrentSpace(shape, rows: $0.count) }
    batches = (0..<Self.batchCount).map { _ in
      ranges.map { DenseRecurrentShard(shape, rows: $0.count, &generator) }
    }
    optimiser = AdamW(count: layout.count)
  }

  /// The parameters' checksum, the same for any number of threads: work that has no result could be
  /// left out.
  var checksum: String {
    Checksum.text(
      Checksum.crc32(UnsafeRawBufferPointer(start: parameters.base, count: 4 * layout.count)))
  }

  /// Makes one step of the optimiser.
  func step(_ number: Int) {
    let shards = batches[number % batches.count]
    let (shape, layout, parameters) = (shape, layout, parameters)
    let (spaces, gradients) = (spaces, gradients)
    Parallel.forEach(count: shards.count, threadCount: threadCount) { shard in
      gradients[shard].zero()
      let pass = DenseRecurrentPass(
        shape: shape, layout: layout, parameters: parameters, shard: shards[shard],
        space: spaces[shard], gradient: gradients[shard])
      pass.forward()
      pass.backward()
    }
    let sum = gradients[0]
    let chunks = Parallel.chunks(of: layout.count, chunkSize: 16_384)
    Parallel.forEach(count: chunks.count, threadCount: threadCount) { chunk in
      for other in gradients.dropFirst() {
        VectorKernels.add(
          other.base + chunks[chunk].lowerBound, to: sum.base + chunks[chunk].lowerBound,
          count: chunks[chunk].count)
      }
    }
    let norm = VectorKernels.sumOfSquares(sum.base, count: layout.count).squareRoot()
    optimiser.update(
      parameters.base, gradient: sum.base, gradientScale: norm > 5 ? 5 / norm : 1,
      learningRate: 1e-3, weightDecay: 0, decayed: [])
  }
}
