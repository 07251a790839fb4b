internal import InteractionData
internal import LinearAlgebra

/// What the catalogue tells of its items, as numbers: for each item those that are not 0.
///
/// While training, an item's row is its own numbers plus, for each of its features, the feature's
/// numbers times its value; the sum has length 1. What items share is thus learned from all of them.
struct ItemFeatures: Sendable {
  /// The number of features.
  let width: Int
  /// Where each item's features begin, and at last where the final ones end. `[items + 1]`
  private var starts: [Int] = [0]
  private var places: [UInt32] = []
  private var values: [Float] = []
  /// Whether some event teaches the item's own numbers; without one they say nothing. `[items]`
  let isTaught: [Bool]

  /// Nil when the catalogue tells nothing that two items share.
  ///
  /// - Parameters:
  ///   - catalogue: the items.
  ///   - counts: events learned from, by item.
  init?(_ catalogue: ItemCatalogue, counts: [Double]) {
    let encoding = AttributeEncoding(fitting: catalogue.attributes, of: .items)
    if encoding.width == 0 { return nil }
    let encoder = AttributeEncoder(encoding, table: catalogue.attributes)
    width = encoder.width
    isTaught = counts.map { $0 > 0 }
    starts.reserveCapacity(catalogue.count + 1)
    for item in 0..<catalogue.count {
      encoder.forEachNumber(of: item) { place, value in
        guard value != 0 else { return }
        places.append(UInt32(place))
        values.append(value)
      }
      starts.append(places.count)
    }
  }

  /// Adds the features' rows to an item's.
  ///
  /// - Parameters:
  ///   - item: its place in the catalogue.
  ///   - weight: a row a feature. `[width, embedding]`
  ///   - row: `[embedding]`
  func add(_ item: Int, of weight: MatrixView, to row: UnsafeMutablePointer<Float>) {
    for entry in starts[item]..<starts[item + 1] {
      VectorKernels.add(
        weight.row(Int(places[entry])), times: values[entry], to: row, count: weight.columns)
    }
  }

  /// Adds the gradient by an item's row to that by its features' rows.
  func addGradient(_ row: UnsafePointer<Float>, of item: Int, to weight: MatrixView) {
    for entry in starts[item]..<starts[item + 1] {
      VectorKernels.add(
        row, times: values[entry], to: weight.row(Int(places[entry])), count: weight.columns)
    }
  }

  /// Writes the items' rows as they are used, each of length 1.
  ///
  /// - Parameters:
  ///   - own: the items' own rows. `[items, embedding]`
  ///   - weight: the features' rows.
  ///   - rows: `[items, embedding]`; may be the same memory as `own`.
  func writeRows(own: MatrixView, weight: MatrixView, into rows: MatrixView) {
    for item in isTaught.indices {
      let row = rows.row(item)
      if isTaught[item] {
        if row != own.row(item) { row.update(from: own.row(item), count: own.columns) }
      } else {
        row.update(repeating: 0, count: own.columns)
      }
      add(item, of: weight, to: row)
    }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: isTaught.count) { lengths in
      guard let lengths = lengths.baseAddress else { return }
      VectorKernels.normalizeRows(rows, scale: 1, lengths: lengths)
    }
  }
}
