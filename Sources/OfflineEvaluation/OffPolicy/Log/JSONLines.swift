internal import Foundation

/// Reads a file of one JSON object a line.
struct JSONLines {
  let path: String
  private let data: Data
  private let decoder = JSONDecoder()
  private var start: Int
  /// The number of the line read last, from 1.
  private(set) var line = 0

  init(path: String) throws(EvaluationError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
      let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    else { throw .unreadableFile(path: path) }
    self.path = path
    self.data = data
    start = data.startIndex
  }

  /// The next object; empty lines are passed over. Nil at the end.
  ///
  /// - Throws: ``EvaluationError/malformedLine(path:line:reason:)``.
  mutating func next<Value: Decodable>(_ type: Value.Type) throws(EvaluationError) -> Value? {
    while start < data.endIndex {
      line += 1
      let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) ?? data.endIndex
      let text = data[start..<end]
      start = min(end + 1, data.endIndex)
      guard text.count <= LoggedAnswers.lineByteLimit else {
        throw malformed("\(text.count) bytes; a line has at most \(LoggedAnswers.lineByteLimit)")
      }
      if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
      do {
        return try decoder.decode(type, from: text)
      } catch {
        throw malformed(Self.reason(error))
      }
    }
    return nil
  }

  /// An error about the line read last.
  func malformed(_ reason: String) -> EvaluationError {
    .malformedLine(path: path, line: line, reason: reason)
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
