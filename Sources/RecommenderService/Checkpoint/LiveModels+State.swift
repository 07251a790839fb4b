internal import Exploration
internal import Foundation
internal import InteractionData

// What follows the log, as bytes and back. A state that was read behaves from then on like the one
// that was written, to the bit; the order of what has none is made one, so that equal states are equal
// bytes.

extension LiveModels {
  /// Appends all that the log has told.
  func write(to writer: inout StateWriter) throws {
    personalization.write(to: &writer)
    popularity.write(to: &writer)
    writer.append(similarity != nil)
    similarity?.write(to: &writer)
    writer.append(exploration != nil)
    try exploration?.write(to: &writer)
  }

  /// Takes up what was written, in place of nothing: to be called before any event.
  ///
  /// - Parameters:
  ///   - reader: what was written.
  ///   - itemCount: the size of the catalogue, with what was put.
  /// - Throws: `StateReader.Damaged`, and what `JSONDecoder` throws; then it cannot be used any more.
  func read(from reader: inout StateReader, itemCount: Int) throws {
    try personalization.read(from: &reader, itemCount: itemCount)
    try popularity.read(from: &reader)
    guard try reader.bool() == (similarity != nil) else { throw StateReader.Damaged() }
    try similarity?.read(from: &reader)
    guard try reader.bool() == (exploration != nil) else { throw StateReader.Damaged() }
    try exploration?.read(from: &reader, itemCount: itemCount)
    guard reader.isAtEnd else { throw StateReader.Damaged() }
  }
}

extension LivePersonalization.CustomerKey {
  /// Customers of the dataset first, by index, then the others by identifier.
  static func precedes(_ left: Self, _ right: Self) -> Bool {
    switch (left, right) {
    case (.known(let left), .known(let right)): left < right
    case (.known, .new): true
    case (.new, .known): false
    case (.new(let left), .new(let right)): left < right
    }
  }

  func write(to writer: inout StateWriter) {
    switch self {
    case .known(let index):
      writer.append(true)
      writer.append(UInt32(index))
    case .new(let identifier):
      writer.append(false)
      writer.append(identifier)
    }
  }

  init(from reader: inout StateReader, customerCount: Int) throws(StateReader.Damaged) {
    self =
      try reader.bool()
      ? .known(try reader.index(below: customerCount)) : .new(try reader.text())
  }
}

extension LiveCustomer {
  func write(to writer: inout StateWriter) {
    writer.append(isAnonymous)
    writer.append(count: heldAdded.count)
    for item in heldAdded { writer.append(item) }
    history.write(to: &writer)
  }

  /// What the network remembers is left out: it follows from the history.
  init(
    from reader: inout StateReader, customer: Int?, in dataset: Dataset, itemCount: Int
  ) throws(StateReader.Damaged) {
    let isAnonymous = try reader.bool()
    var heldAdded: [UInt32] = []
    for _ in 0..<(try reader.count()) {
      let item = UInt32(try reader.index(below: itemCount))
      guard item >= dataset.items.count, heldAdded.last.map({ $0 < item }) ?? true else {
        throw StateReader.Damaged()
      }
      heldAdded.append(item)
    }
    self.init(history: try LiveHistory(from: &reader, customer: customer, in: dataset))
    self.isAnonymous = isAnonymous
    self.heldAdded = heldAdded
  }
}

extension LivePopularity {
  func write(to writer: inout StateWriter) {
    writer.append(count: taken.count)
    for (item, count) in taken.sorted(by: { $0.key < $1.key }) {
      writer.append(UInt32(item))
      writer.append(UInt64(count))
    }
  }

  func read(from reader: inout StateReader) throws(StateReader.Damaged) {
    for _ in 0..<(try reader.count()) {
      let item = try reader.index(below: itemCount)
      let count = try reader.integer(UInt64.self)
      guard taken[item] == nil, count < Self.countLimit else { throw StateReader.Damaged() }
      take(item: item, count: Int(count))
    }
  }
}
