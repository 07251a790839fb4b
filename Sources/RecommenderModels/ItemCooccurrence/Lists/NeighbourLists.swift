public import TensorFiles

/// For each item a bounded list of other items with weights, best first; ties to the lower index.
public struct NeighbourLists: Sendable {
  /// Where each item's list starts. `[items + 1]`
  public let offsets: Column<UInt32>
  /// The listed items.
  public let neighbours: Column<UInt32>
  /// Their weights.
  public let weights: Column<Float>

  /// The number of items.
  public var itemCount: Int { offsets.count - 1 }

  /// The positions of an item's list in ``neighbours`` and ``weights``.
  public func range(of item: Int) -> Range<Int> {
    Int(offsets[item])..<Int(offsets[item + 1])
  }

  init(offsets: Column<UInt32>, neighbours: Column<UInt32>, weights: Column<Float>) {
    self.offsets = offsets
    self.neighbours = neighbours
    self.weights = weights
  }

  /// Lists without an entry.
  init(emptyFor itemCount: Int) {
    offsets = Column([UInt32](repeating: 0, count: itemCount + 1))
    neighbours = Column([])
    weights = Column([])
  }

  init(file: SafetensorsFile, prefix: String) throws(ModelError) {
    do {
      offsets = try file.column("\(prefix).offsets", as: UInt32.self)
      neighbours = try file.column("\(prefix).items", as: UInt32.self)
      weights = try file.column("\(prefix).weights", as: Float.self, shape: [neighbours.count])
    } catch {
      throw .file(error)
    }
    let itemCount = offsets.count - 1
    let ordered = zip(offsets.buffer, offsets.buffer.dropFirst()).allSatisfy { $0 <= $1 }
    guard itemCount >= 0, ordered, Int(offsets[itemCount]) == neighbours.count,
      neighbours.buffer.allSatisfy({ Int($0) < itemCount })
    else {
      throw .invalidSetting(name: prefix, value: "out of order", expected: "lists of known items")
    }
  }

  func write(into writer: inout SafetensorsWriter, prefix: String) {
    writer.add("\(prefix).offsets", offsets)
    writer.add("\(prefix).items", neighbours)
    writer.add("\(prefix).weights", weights)
  }

  /// The same lists, the weights of each divided by a power of their sum.
  ///
  /// - Parameter power: 1 makes them sum to 1, 0 leaves them.
  /// - Returns: lists of the same items.
  func normalized(power: Double) -> NeighbourLists {
    if power == 0 { return self }
    let scaled = Column<Float>(count: weights.count) { scaled in
      for item in 0..<itemCount {
        let range = range(of: item)
        let total = range.reduce(Float(0)) { $0 + weights[$1] }
        let divisor = total.power(Float(power))
        for position in range { scaled[position] = weights[position] / divisor }
      }
    }
    return NeighbourLists(offsets: offsets, neighbours: neighbours, weights: scaled)
  }

  /// The same lists, and in place of the empty ones those of others.
  func filled(from others: NeighbourLists) -> NeighbourLists {
    func chosen(_ item: Int) -> NeighbourLists { range(of: item).isEmpty ? others : self }
    var ends: [UInt32] = [0]
    for item in 0..<itemCount {
      ends.append(ends[item] + UInt32(chosen(item).range(of: item).count))
    }
    let total = Int(ends[itemCount])
    return NeighbourLists(
      offsets: Column(ends),
      neighbours: Column(count: total) { destination in
        for item in 0..<itemCount {
          let lists = chosen(item)
          _ = destination[Int(ends[item])...].update(
            fromContentsOf: lists.neighbours.slice(lists.range(of: item)))
        }
      },
      weights: Column(count: total) { destination in
        for item in 0..<itemCount {
          let lists = chosen(item)
          _ = destination[Int(ends[item])...].update(
            fromContentsOf: lists.weights.slice(lists.range(of: item)))
        }
      })
  }

  /// The same pairs listed the other way round: for each listed item, who lists it, and with which
  /// weight; in order of the lister's index.
  func transposed() -> NeighbourLists {
    var next = [UInt32](repeating: 0, count: itemCount + 1)
    for item in neighbours.buffer { next[Int(item) + 1] += 1 }
    for item in 0..<itemCount { next[item + 1] += next[item] }
    let starts = Column(next)
    var listers = [UInt32](repeating: 0, count: neighbours.count)
    var listed = [Float](repeating: 0, count: neighbours.count)
    for item in 0..<itemCount {
      for position in range(of: item) {
        let neighbour = Int(neighbours[position])
        let slot = Int(next[neighbour])
        next[neighbour] += 1
        listers[slot] = UInt32(item)
        listed[slot] = weights[position]
      }
    }
    return NeighbourLists(offsets: starts, neighbours: Column(listers), weights: Column(listed))
  }
}
