internal import Foundation

/// A block as it is about to be stored.
struct NewRecommendationBlock {
  /// What the hash covers.
  let payload: Data
  /// What it is found by.
  let index: RecommendationBlock.Index
}

/// Puts answers together to blocks, as many as one transaction takes.
///
/// At full load everything here is done some hundred thousand times a second beside the thread that
/// answers: an answer is copied once, and what its block is found by is gathered on the way.
struct RecommendationBlockBuilder: ~Copyable {
  /// The most blocks of one transaction.
  static let blockLimit = 64

  let instance: UInt64
  let droppedCount: UInt64
  let catalogues: [(hash: Data, content: Data)]
  /// The answers taken so far.
  private(set) var recordCount = 0
  /// The catalogues that the answers refer to, by hash.
  private(set) var usedCatalogues: [Data: Data] = [:]
  private var blocks: [NewRecommendationBlock] = []
  // The answers of the block under way, and the hash of each answer's customer.
  private let records: UnsafeMutableRawBufferPointer
  private let userHashes: UnsafeMutableBufferPointer<UInt32>
  private var byteCount = 0
  private var blockRecordCount = 0
  private var index = RecommendationBlock.Index()
  private var blockCatalogues: [UInt32] = []

  init(instance: UInt64, droppedCount: UInt64, catalogues: [(hash: Data, content: Data)]) {
    self.instance = instance
    self.droppedCount = droppedCount
    self.catalogues = catalogues
    records = .allocate(byteCount: RecommendationLogLimits.blockByteLimit, alignment: 8)
    userHashes = .allocate(capacity: RecommendationLogLimits.blockRecordLimit)
    userHashes.initialize(repeating: 0)
  }

  deinit {
    records.deallocate()
    userHashes.deallocate()
  }

  /// Takes an answer; false when the transaction is full.
  mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let isFull =
      blockRecordCount == RecommendationLogLimits.blockRecordLimit
      || blockRecordCount > 0
        && byteCount + bytes.count + 4 * (blockRecordCount + 1) > records.count
    if isFull {
      if blocks.count + 1 == Self.blockLimit { return false }
      endBlock()
    }
    guard let reader = RecordReader(bytes), reader.catalogue < catalogues.count else {
      preconditionFailure("an answer of a catalogue that was not registered")
    }
    if blockCatalogues.last != reader.catalogue, !blockCatalogues.contains(reader.catalogue) {
      blockCatalogues.append(reader.catalogue)
    }
    UnsafeMutableRawBufferPointer(rebasing: records[byteCount..<byteCount + bytes.count])
      .copyMemory(from: bytes)
    byteCount += bytes.count
    userHashes[blockRecordCount] = RecommendationBlock.userHash(reader.userID).littleEndian
    if blockRecordCount == 0 { index.first = reader.number }
    index.last = reader.number
    index.lastTimeMilliseconds = max(index.lastTimeMilliseconds, reader.timeMilliseconds)
    blockRecordCount += 1
    recordCount += 1
    return true
  }

  /// All blocks.
  mutating func finish() -> [NewRecommendationBlock] {
    endBlock()
    return blocks
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
      catalogueHashes: used.map { ($0, catalogues[Int($0)].hash) }, recordByteCount: byteCount)
    payload.append(contentsOf: UnsafeRawBufferPointer(rebasing: records[..<byteCount]))
    index.userHashes = Data(
      UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: userHashes[..<blockRecordCount])))
    blocks.append(NewRecommendationBlock(payload: payload, index: index))
    byteCount = 0
    blockRecordCount = 0
    index = RecommendationBlock.Index()
    blockCatalogues.removeAll(keepingCapacity: true)
  }
}
