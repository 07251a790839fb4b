/// Where one tensor lies in the run of all parameters, and its name in a model file.
struct TensorSlot: Sendable {
  let name: String
  let rows: Int
  let columns: Int
  let offset: Int
  /// Whether weight decay pulls it towards 0; biases and what stands for base rates do not decay.
  let decays: Bool

  var count: Int { rows * columns }
  var range: Range<Int> { offset..<offset + count }
}

/// Lays tensors out one after another, each at a multiple of a cache line.
struct TensorAllocator {
  /// Floats in a cache line.
  static let alignment = 16

  private(set) var slots: [TensorSlot] = []
  private(set) var count = 0

  mutating func add(_ name: String, _ rows: Int, _ columns: Int, decays: Bool) -> TensorSlot {
    let slot = TensorSlot(name: name, rows: rows, columns: columns, offset: count, decays: decays)
    slots.append(slot)
    count = (slot.range.upperBound + Self.alignment - 1) / Self.alignment * Self.alignment
    return slot
  }
}
