internal import Foundation
internal import LinearAlgebra

/// What a line says, which may be wrong in ways that JSON knows nothing of.
protocol CheckedLine: Decodable, Sendable {
  /// What is wrong; nil when nothing is.
  var fault: String? { get }
}

/// Reads a file of one JSON object a line, piece by piece; the lines of a piece are decoded on several
/// threads and handed over in order.
struct JSONLines<Value: CheckedLine> {
  /// The bytes that are read at a time.
  private static var pieceByteCount: Int { 1 << 22 }
  /// The lines that a thread decodes before it takes others.
  private static var chunkSize: Int { 64 }

  /// A line that was read.
  private enum Line: Sendable {
    case blank
    case value(Value)
    case malformed(String)
  }

  let path: String
  private let file: FileHandle
  private let threadCount: Int
  /// What was read and not decoded: at most a piece and the start of a line.
  private var text = Data()
  private var isAtEnd = false
  private var lines: [Line] = []
  private var place = 0
  /// The number of the line read last, from 1.
  private(set) var line = 0

  init(path: String, threadCount: Int) throws(EvaluationError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
      let file = FileHandle(forReadingAtPath: path)
    else { throw .unreadableFile(path: path) }
    self.path = path
    self.file = file
    self.threadCount = threadCount
  }

  /// The next object; empty lines are passed over. Nil at the end.
  ///
  /// - Throws: ``EvaluationError/malformedLine(path:line:reason:)`` for the first line that cannot be
  ///   used; ``EvaluationError/unreadableFile(path:)``.
  mutating func next() throws(EvaluationError) -> Value? {
    while true {
      if place == lines.count {
        place = 0
        lines = try nextLines()
        if lines.isEmpty { return nil }
      }
      place += 1
      line += 1
      switch lines[place - 1] {
      case .blank: continue
      case .value(let value): return value
      case .malformed(let reason): throw malformed(reason)
      }
    }
  }

  /// An error about the line read last.
  func malformed(_ reason: String) -> EvaluationError {
    .malformedLine(path: path, line: line, reason: reason)
  }

  // MARK: Reading

  /// The lines of the next piece, decoded; none at the end.
  private mutating func nextLines() throws(EvaluationError) -> [Line] {
    var ends: [Int] = []
    while ends.isEmpty && !isAtEnd {
      // Of a line that is too long, only the length matters.
      if text.count > LoggedAnswers.lineByteLimit {
        return [Self.tooLong(try passOverLine())]
      }
      let start = text.count
      text += try nextPiece()
      ends = Self.lineEnds(text, from: start)
    }
    let rest = ends.last.map { $0 + 1 } ?? 0
    if isAtEnd && rest < text.count { ends.append(text.count) }
    let decoded = decode(ends)
    text = isAtEnd ? Data() : Data(text[rest...])
    return decoded
  }

  private mutating func nextPiece() throws(EvaluationError) -> Data {
    do {
      let piece = try file.read(upToCount: Self.pieceByteCount) ?? Data()
      isAtEnd = piece.isEmpty
      return piece
    } catch {
      throw .unreadableFile(path: path)
    }
  }

  /// Reads to the end of a line of which the start is in memory, and returns its length.
  private mutating func passOverLine() throws(EvaluationError) -> Int {
    var count = text.count
    text = Data()
    while !isAtEnd {
      let piece = try nextPiece()
      guard let end = Self.lineEnds(piece, from: 0).first else {
        count += piece.count
        continue
      }
      text = Data(piece[(end + 1)...])
      return count + end
    }
    return count
  }

  private static func lineEnds(_ text: Data, from start: Int) -> [Int] {
    text.withUnsafeBytes { bytes in
      bytes.indices[start...].filter { bytes[$0] == UInt8(ascii: "\n") }
    }
  }

  // MARK: Decoding

  private func decode(_ ends: [Int]) -> [Line] {
    let output = ParallelOutput(repeating: Line.blank, count: ends.count)
    let chunks = Parallel.chunks(of: ends.count, chunkSize: Self.chunkSize)
    Parallel.forEach(count: chunks.count, threadCount: threadCount) { chunk in
      let decoder = JSONDecoder()
      for place in chunks[chunk] {
        let start = place == 0 ? 0 : ends[place - 1] + 1
        output.values[place] = Self.decode(text[start..<ends[place]], decoder)
      }
    }
    return Array(output.values)
  }

  private static func decode(_ text: Data, _ decoder: JSONDecoder) -> Line {
    guard text.count <= LoggedAnswers.lineByteLimit else { return tooLong(text.count) }
    if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { return .blank }
    do {
      let value = try decoder.decode(Value.self, from: text)
      return value.fault.map(Line.malformed) ?? .value(value)
    } catch {
      return .malformed(reason(error))
    }
  }

  private static func tooLong(_ byteCount: Int) -> Line {
    .malformed("\(byteCount) bytes; a line has at most \(LoggedAnswers.lineByteLimit)")
  }

  private static func reason(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
      (context.codingPath + [key].compactMap { $0 }).map {
        $0.intValue.map(String.init) ?? $0.stringValue
      }.joined(separator: ".")
    }
    switch error {
    case DecodingError.keyNotFound(let key, let context): return "\(place(context, key)) is missing"
    case DecodingError.valueNotFound(_, let context) where !context.codingPath.isEmpty:
      return "\(place(context)) is null"
    case DecodingError.typeMismatch(_, let context) where !context.codingPath.isEmpty:
      return "\(place(context)) is of another type"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      return "\(place(context)) cannot be read"
    default: return "not a JSON object"
    }
  }
}
