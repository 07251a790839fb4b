internal import Digests
internal import Foundation

/// Some answers of one run of the server, as they are chained and stored together.
///
/// The payload is what the hash covers: 4 bytes of version, 4 of the number of catalogues, 8 of
/// the run, 8 of the answers that were dropped before, for each catalogue its number (4) and the hash
/// of its content (32), and the answers; integers are little-endian. Answers are as ``RecordLayout``
/// has them in version 3, and as ``FixedRecordLayout`` has them in versions 1 and 2, which are read
/// all the same.
struct RecommendationBlock {
  static let hashByteCount = 32
  static let firstHash = Data(count: hashByteCount)
  private static let version: UInt32 = 3
  private static let firstPackedVersion: UInt32 = 3
  private static let readableVersions: ClosedRange<UInt32> = 1...version
  private static let headerByteCount = 24

  let payload: Data
  let instance: UInt64
  let catalogueHashes: [UInt32: Data]
  private let recordsStart: Int
  private let layout: RecordReader.Layout

  /// What is stored beside the payload to find it by; all of it follows from the payload.
  struct Index: Equatable {
    /// The first and the last number of its answers.
    var first: UInt64 = 0
    var last: UInt64 = 0
    /// The latest time of its answers.
    var lastTimeMilliseconds: Int64 = .min
    /// A hash of 4 bytes of each answer's customer.
    var userHashes = Data()
  }

  /// Reads a payload; nil when it does not hold together.
  init?(payload: Data) {
    self.payload = payload
    let header = payload.withUnsafeBytes {
      bytes -> (UInt64, [UInt32: Data], Int, RecordReader.Layout)? in
      guard bytes.count >= Self.headerByteCount else { return nil }
      let version = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
      guard Self.readableVersions.contains(version) else { return nil }
      let count = Int(
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
      let entry = 4 + Self.hashByteCount
      guard count <= (bytes.count - Self.headerByteCount) / entry else { return nil }
      var hashes: [UInt32: Data] = [:]
      for place in 0..<count {
        let start = Self.headerByteCount + place * entry
        let number = bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)
        hashes[UInt32(littleEndian: number)] = Data(bytes[start + 4..<start + entry])
      }
      let instance = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      return (
        UInt64(littleEndian: instance), hashes, Self.headerByteCount + count * entry,
        version < Self.firstPackedVersion ? .fixed : .packed
      )
    }
    guard let header else { return nil }
    (instance, catalogueHashes, recordsStart, layout) = header
  }

  /// Begins the payload of a block, with room for its answers.
  static func header(
    instance: UInt64, droppedCount: UInt64, catalogueHashes: [(number: UInt32, hash: Data)],
    recordByteCount: Int
  ) -> Data {
    var data = Data(
      capacity: headerByteCount + catalogueHashes.count * (4 + hashByteCount) + recordByteCount)
    func append(_ value: some FixedWidthInteger & BitwiseCopyable) {
      withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }
    append(version)
    append(UInt32(catalogueHashes.count))
    append(instance)
    append(droppedCount)
    for (number, hash) in catalogueHashes {
      append(number)
      data.append(hash)
    }
    return data
  }

  /// Hands over the answers in order; false when they do not hold together.
  @discardableResult
  func forEach(_ body: (RecordReader) -> Void) -> Bool {
    payload.withUnsafeBytes { bytes in
      var start = recordsStart
      while start < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        guard let reader = RecordReader(rest, layout: layout) else { return false }
        body(reader)
        start += reader.byteCount
      }
      return true
    }
  }

  /// What it is found by; nil when the answers do not hold together.
  func index() -> Index? {
    var index = Index()
    var isFirst = true
    let isWhole = forEach { reader in
      if isFirst { index.first = reader.number }
      isFirst = false
      index.last = reader.number
      index.lastTimeMilliseconds = max(index.lastTimeMilliseconds, reader.timeMilliseconds)
      withUnsafeBytes(of: Self.userHash(reader.userID).littleEndian) {
        index.userHashes.append(contentsOf: $0)
      }
    }
    return isWhole && !isFirst ? index : nil
  }

  /// SHA-256 of the hash before, the sequence number (8 bytes) and the payload.
  static func hash(of payload: Data, after previous: Data, sequence: Int64) -> Data {
    var hasher = SHA256()
    previous.withUnsafeBytes { hasher.update($0) }
    withUnsafeBytes(of: sequence.littleEndian) { hasher.update($0) }
    payload.withUnsafeBytes { hasher.update($0) }
    return Data(hasher.finalize().bytes)
  }

  /// FNV-1a, to leave out most blocks that a customer has no answer in.
  static func userHash(_ userID: UnsafeRawBufferPointer) -> UInt32 {
    userID.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
  }

  /// Whether a customer may have an answer in a block of these hashes.
  static func mayHold(_ hash: UInt32, in userHashes: UnsafeRawBufferPointer) -> Bool {
    for start in stride(from: 0, to: userHashes.count - 3, by: 4)
    where UInt32(littleEndian: userHashes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
      == hash
    {
      return true
    }
    return false
  }
}

extension RecommendationCatalogue {
  /// Its stored form: JSON with keys in alphabetical order.
  func content() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }

  /// SHA-256 of a stored form.
  static func hash(of content: Data) -> Data {
    Data(content.withUnsafeBytes { SHA256.hash($0) }.bytes)
  }
}
