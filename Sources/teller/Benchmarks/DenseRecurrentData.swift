internal import InteractionData

/// Where the weights lie; see `GatedRecurrentUnit` for the gates' order.
struct DenseRecurrentLayout {
  let input: Range<Int>
  let recurrent: Range<Int>
  let output: Range<Int>
  let bias: Range<Int>
  let outputBias: Range<Int>
  let count: Int

  init(_ shape: DenseRecurrentBenchmark.Shape) {
    var end = 0
    func next(_ count: Int) -> Range<Int> {
      defer { end += (count + 15) / 16 * 16 }
      return end..<end + count
    }
    input = next(shape.inputs * 3 * shape.hidden)
    recurrent = next(shape.hidden * 3 * shape.hidden)
    output = next(shape.hidden * shape.outputs)
    bias = next(4 * shape.hidden)
    outputBias = next(shape.outputs)
    count = end
  }
}

/// Random months of some customers, step by step.
final class DenseRecurrentShard: Sendable {
  let rows: Int
  /// `[months, rows, inputs]`
  let inputs: WorkArray
  let held: [UInt64]
  let taken: [UInt64]

  init(
    _ shape: DenseRecurrentBenchmark.Shape, rows: Int, _ generator: inout SeededGenerator
  ) {
    self.rows = rows
    let samples = rows * shape.months
    inputs = WorkArray(samples * shape.inputs)
    for place in 0..<samples * shape.inputs {
      inputs.base[place] = Float(generator.nextGaussian())
    }
    func bits(_ share: Double) -> [UInt64] {
      (0..<samples).map { _ in
        (0..<shape.outputs).reduce(0) {
          generator.nextUnitDouble() < share ? $0 | 1 << UInt64($1) : $0
        }
      }
    }
    held = bits(0.1)
    taken = bits(0.01)
  }
}

/// What one shard's pass needs of memory.
final class DenseRecurrentSpace: Sendable {
  let gates: WorkArray
  /// The state before each step, and after the last. `[months + 1, rows, hidden]`
  let states: WorkArray
  let logits: WorkArray
  let logitGradient: WorkArray
  /// By the state before each step, and after the last. `[months + 1, rows, hidden]`
  let stateGradient: WorkArray

  init(_ shape: DenseRecurrentBenchmark.Shape, rows: Int) {
    let samples = rows * shape.months
    gates = WorkArray(samples * 4 * shape.hidden)
    states = WorkArray((samples + rows) * shape.hidden)
    logits = WorkArray(samples * shape.outputs)
    logitGradient = WorkArray(samples * shape.outputs)
    stateGradient = WorkArray((samples + rows) * shape.hidden)
  }
}

/// Numbers on a cache line's boundary, each range of them written by one thread at a time.
final class WorkArray: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  private let count: Int

  init(_ count: Int) {
    self.count = count
    base = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: max(count, 1))
    base.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { base.deallocate() }

  func zero() { base.update(repeating: 0, count: count) }
}
