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

  init(lists: [[(item: UInt32, weight: Float)]]) {
    var ends: [UInt32] = [0]
    for list in lists { ends.append(ends[ends.count - 1] + UInt32(list.count)) }
    offsets = Column(ends)
    neighbours = Column(lists.flatMap { $0.map(\.item) })
    weights = Column(lists.flatMap { $0.map(\.weight) })
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

  /// The same pairs listed the other way round: for each listed item, who lists it, and with which
  /// weight; in order of the lister's index.
  func transposed() -> NeighbourLists {
    var lists = [[(item: UInt32, weight: Float)]](repeating: [], count: itemCount)
    for item in 0..<itemCount {
      for position in range(of: item) {
        lists[Int(neighbours[position])].append((UInt32(item), weights[position]))
      }
    }
    return NeighbourLists(lists: lists)
  }
}
