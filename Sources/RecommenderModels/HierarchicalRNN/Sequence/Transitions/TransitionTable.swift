internal import LinearAlgebra
internal import TensorFiles

/// For each item, how likely others are to come near it: sparse rows that sum to less than 1.
///
/// What a row lacks is how little is known of its item: a row of weight `n` has `n / (n + 10)`.
struct TransitionTable: Sendable {
  /// Where each item's row begins. `[items + 1]`
  let offsets: Column<UInt32>
  /// The other items, the likeliest first.
  let items: Column<UInt32>
  let shares: Column<Float>

  /// The most items of a row.
  static let rowLimit = 100
  /// The weight of what is not known, in pairs of neighbours.
  static let unknownWeight: Float = 10

  /// A table without a single transition.
  init(itemCount: Int) {
    offsets = Column([UInt32](repeating: 0, count: itemCount + 1))
    items = Column([])
    shares = Column([])
  }

  /// Puts pieces of a table one after another.
  init(_ pieces: [TransitionRows]) {
    var offsets: [UInt32] = [0]
    offsets.reserveCapacity(pieces.reduce(1) { $0 + $1.ends.count })
    for piece in pieces {
      let start = offsets[offsets.count - 1]
      for end in piece.ends { offsets.append(start + end) }
    }
    self.offsets = Column(offsets)
    items = Column(pieces.flatMap(\.items))
    shares = Column(pieces.flatMap(\.shares))
  }

  /// Where an item's row lies.
  func row(of item: UInt32) -> Range<Int> {
    Int(offsets.buffer[Int(item)])..<Int(offsets.buffer[Int(item) + 1])
  }

  /// Adds an item's row, times a factor.
  func add(_ item: UInt32, times factor: Float, to scores: UnsafeMutablePointer<Float>) {
    let (items, shares) = (items.buffer, shares.buffer)
    for place in row(of: item) { scores[Int(items[place])] += factor * shares[place] }
  }

  /// The sum of an item's row.
  func mass(of item: UInt32) -> Float {
    row(of: item).reduce(0) { $0 + shares.buffer[$1] }
  }

  /// How likely one item is to come near another.
  func share(of target: UInt32, after item: UInt32) -> Float {
    row(of: item).first { items.buffer[$0] == target }.map { shares.buffer[$0] } ?? 0
  }
}

/// The rows of some items that follow each other.
struct TransitionRows: Sendable {
  /// Where each item's row ends in the other two.
  var ends: [UInt32] = []
  var items: [UInt32] = []
  var shares: [Float] = []
}

extension TransitionTable {
  /// Reads a table from a model's file.
  ///
  /// - Throws: ``ModelError`` for a tensor that is missing or does not fit the catalogue.
  init(file: SafetensorsFile, name: String, itemCount: Int) throws(ModelError) {
    do throws(TensorFileError) {
      offsets = try file.column("\(name).offsets", as: UInt32.self, shape: [itemCount + 1])
      let count = Int(offsets.buffer[itemCount])
      items = try file.column("\(name).items", as: UInt32.self, shape: [count])
      shares = try file.column("\(name).shares", as: Float.self, shape: [count])
    } catch {
      throw .file(error)
    }
    let bounds = offsets.buffer
    guard bounds[0] == 0, (0..<itemCount).allSatisfy({ bounds[$0] <= bounds[$0 + 1] }),
      items.buffer.allSatisfy({ Int($0) < itemCount }),
      shares.buffer.allSatisfy({ (0...1).contains($0) })
    else {
      throw .unreadableManifest(path: name, reason: "the transitions are damaged")
    }
  }

  /// Adds the table to a model's file.
  func write(_ name: String, into writer: inout SafetensorsWriter) {
    writer.add("\(name).offsets", offsets)
    writer.add("\(name).items", items)
    writer.add("\(name).shares", shares)
  }
}
