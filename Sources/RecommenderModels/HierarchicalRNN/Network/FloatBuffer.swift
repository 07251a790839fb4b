internal import LinearAlgebra

/// Memory for numbers, aligned to a cache line and zeroed when made.
final class FloatBuffer: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let count: Int

  init(count: Int) {
    self.count = count
    let size = max(count, 1)
    base = UnsafeMutableRawPointer.allocate(byteCount: size * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: size)
    base.initialize(repeating: 0, count: size)
  }

  deinit { base.deallocate() }

  func zero() { base.update(repeating: 0, count: count) }

  func matrix(_ slot: TensorSlot) -> MatrixView {
    MatrixView(base + slot.offset, rows: slot.rows, columns: slot.columns)
  }

  func pointer(_ slot: TensorSlot) -> UnsafeMutablePointer<Float> { base + slot.offset }

  var isFinite: Bool { (0..<count).allSatisfy { base[$0].isFinite } }
}
