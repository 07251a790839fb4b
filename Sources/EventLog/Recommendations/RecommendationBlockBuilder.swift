internal import Foundation

/// Puts answers together to blocks, as many as one transaction takes.
struct RecommendationBlockBuilder {
  /// The most blocks of one transaction.
  static let blockLimit = 64

  let instance: UInt64
  let droppedCount: UInt64
  let catalogues: [(hash: Data, content: Data)]
  /// The answers taken so far.
  private(set) var recordCount = 0
  /// The catalogues that the answers refer to, by hash.
  private(set) var usedCatalogues: [Data: Data] = [:]
  private var payloads: [Data] = []
  private var records = Data()
  private var blockRecordCount = 0
  private var blockCatalogues: Set<UInt32> = []

  init(instance: UInt64, droppedCount: UInt64, catalogues: [(hash: Data, content: Data)]) {
    self.instance = instance
    self.droppedCount = droppedCount
    self.catalogues = catalogues
  }

  /// Takes an answer; false when the transaction is full.
  mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let isFull =
      blockRecordCount == RecommendationLogLimits.blockRecordLimit
      || blockRecordCount > 0
        && records.count + bytes.count > RecommendationLogLimits.blockByteLimit
    if isFull {
      if payloads.count + 1 == Self.blockLimit { return false }
      endBlock()
    }
    guard let reader = RecordReader(bytes), reader.catalogue < catalogues.count else {
      preconditionFailure("an answer of a catalogue that was not registered")
    }
    blockCatalogues.insert(reader.catalogue)
    records.append(contentsOf: bytes)
    blockRecordCount += 1
    recordCount += 1
    return true
  }

  /// The payloads of all blocks.
  mutating func finish() -> [Data] {
    endBlock()
    return payloads
  }

  private mutating func endBlock() {
    guard blockRecordCount > 0 else { return }
    let used = blockCatalogues.sorted()
    for number in used {
      let catalogue = catalogues[Int(number)]
      usedCatalogues[catalogue.hash] = catalogue.content
    }
    var payload = RecommendationBlock.header(
      instance: instance, droppedCount: droppedCount,
      catalogueHashes: used.map { ($0, catalogues[Int($0)].hash) })
    payload.append(records)
    payloads.append(payload)
    records.removeAll(keepingCapacity: true)
    blockRecordCount = 0
    blockCatalogues.removeAll(keepingCapacity: true)
  }
}
