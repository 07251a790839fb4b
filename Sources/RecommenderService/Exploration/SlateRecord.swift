internal import Exploration

/// A decided slate with all that learning from it needs, and its form in the event log.
///
/// Little-endian: a byte that names the form; the catalogue's tag (4 bytes); the number of attributes
/// (1) and a byte each; the number of scored candidates (2), each an index (4) and log-odds (4); the
/// number of slots (2), each an index (4), whether it is cold (1), log-odds (4), deviation (4) and
/// propensity (4); the log-odds of what the last one stands in the place of (4), NaN for none. Numbers are kept in single precision, and learning reads them from here even when
/// the slate is at hand: so a replay learns the same.
struct SlateRecord {
  /// Who it is for, the candidates with a score, and the number of slots.
  var request: SlateRequest
  /// What was chosen.
  var entries: [Slate.Entry]
  /// The log-odds of what the last product stands in the place of, when it is tried.
  var rivalLogit: Double?

  private static let form: UInt8 = 1

  /// Appends a slate.
  ///
  /// - Parameters:
  ///   - request: what it was decided on.
  ///   - slate: what was decided.
  ///   - tag: what catalogue and attributes it speaks of.
  ///   - bytes: where to.
  static func write(
    _ request: SlateRequest, _ slate: Slate, tag: UInt32, into bytes: inout [UInt8]
  ) {
    let scoredCount = request.scores.count { !$0.isNaN }
    let byteCount =
      1 + 4 + 1 + request.context.count + 2 + 8 * scoredCount + 2 + 17 * slate.entries.count + 4
    // Written in one piece: an array that grows by a few bytes at a time looks at itself each time.
    withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 1) { target in
      var cursor = Cursor(target: target)
      cursor.put(form)
      cursor.put(tag)
      cursor.put(UInt8(request.context.count))
      for value in request.context { cursor.put(value) }
      cursor.put(UInt16(scoredCount))
      for place in request.scores.indices where !request.scores[place].isNaN {
        cursor.put(UInt32(request.candidates[place]))
        cursor.put(Float(request.scores[place]).bitPattern)
      }
      cursor.put(UInt16(slate.entries.count))
      for entry in slate.entries {
        cursor.put(UInt32(entry.item))
        cursor.put(entry.isCold ? 1 : 0 as UInt8)
        cursor.put(Float(entry.logit).bitPattern)
        cursor.put(Float(entry.deviation).bitPattern)
        cursor.put(Float(entry.propensity).bitPattern)
      }
      cursor.put((slate.rivalLogit.map { Float($0) } ?? .nan).bitPattern)
      precondition(cursor.offset == byteCount, "\(cursor.offset) bytes where \(byteCount) fit")
      bytes.append(contentsOf: UnsafeRawBufferPointer(target))
    }
  }

  private struct Cursor {
    let target: UnsafeMutableRawBufferPointer
    var offset = 0

    mutating func put<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
      target.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
      offset += MemoryLayout<Value>.size
    }
  }

  /// Reads a slate; nil when it is damaged, of another form, or speaks of another catalogue.
  init?(_ bytes: [UInt8], tag: UInt32) {
    var reader = Reader(bytes: bytes)
    guard reader.next(UInt8.self) == Self.form, reader.next(UInt32.self) == tag,
      let contextCount = reader.next(UInt8.self)
    else { return nil }
    request = SlateRequest(context: [], candidates: [], scores: [], slotCount: 1)
    entries = []
    for _ in 0..<contextCount {
      guard let value = reader.next(UInt8.self) else { return nil }
      request.context.append(value)
    }
    guard let candidateCount = reader.next(UInt16.self) else { return nil }
    for _ in 0..<candidateCount {
      guard let item = reader.next(UInt32.self), let logit = reader.nextFloat(), logit.isFinite
      else { return nil }
      request.candidates.append(Int(item))
      request.scores.append(Double(logit))
    }
    guard let slotCount = reader.next(UInt16.self) else { return nil }
    request.slotCount = Int(slotCount)
    for _ in 0..<slotCount {
      guard let item = reader.next(UInt32.self), let isCold = reader.next(UInt8.self),
        let logit = reader.nextFloat(), let deviation = reader.nextFloat(),
        let propensity = reader.nextFloat(), logit.isFinite, deviation.isFinite
      else { return nil }
      entries.append(
        Slate.Entry(
          item: Int(item), propensity: Double(propensity), logit: Double(logit),
          isCold: isCold == 1, deviation: Double(deviation)))
    }
    guard let rival = reader.nextFloat(), reader.isAtEnd else { return nil }
    rivalLogit = rival.isNaN ? nil : Double(rival)
  }

  /// Whether every item is one of the first so many of the catalogue.
  func speaks(ofItemsBelow itemCount: Int) -> Bool {
    request.candidates.allSatisfy { $0 < itemCount } && entries.allSatisfy { $0.item < itemCount }
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }

    mutating func next<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
      let size = MemoryLayout<Value>.size
      guard position + size <= bytes.count else { return nil }
      defer { position += size }
      return Value(
        littleEndian: bytes.withUnsafeBytes {
          $0.loadUnaligned(fromByteOffset: position, as: Value.self)
        })
    }

    mutating func nextFloat() -> Float? { next(UInt32.self).map { Float(bitPattern: $0) } }
  }
}
