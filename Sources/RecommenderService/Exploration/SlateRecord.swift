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
    bytes.append(form)
    append(tag, to: &bytes)
    bytes.append(UInt8(request.context.count))
    bytes.append(contentsOf: request.context)
    append(UInt16(request.scores.count { !$0.isNaN }), to: &bytes)
    for (item, score) in zip(request.candidates, request.scores) where !score.isNaN {
      append(UInt32(item), to: &bytes)
      append(Float(score).bitPattern, to: &bytes)
    }
    append(UInt16(slate.entries.count), to: &bytes)
    for entry in slate.entries {
      append(UInt32(entry.item), to: &bytes)
      bytes.append(entry.isCold ? 1 : 0)
      append(Float(entry.logit).bitPattern, to: &bytes)
      append(Float(entry.deviation).bitPattern, to: &bytes)
      append(Float(entry.propensity).bitPattern, to: &bytes)
    }
    append((slate.rivalLogit.map { Float($0) } ?? .nan).bitPattern, to: &bytes)
  }

  private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
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
