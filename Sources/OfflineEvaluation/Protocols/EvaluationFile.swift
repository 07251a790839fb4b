internal import Foundation
internal import InteractionData
internal import TensorFiles

/// A text file of what is held out, with what its errors need.
struct EvaluationFile {
  let path: String
  /// The lines that are not empty, numbered from 1.
  let lines: [(number: Int, text: Substring)]
  /// The checksum of the content, which tells files of one name apart.
  let checksum: String

  init(path: String) throws(EvaluationError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .unreadableFile(path: path)
    }
    self.path = path
    checksum = data.withUnsafeBytes { Checksum.text(Checksum.crc32($0)) }
    let text = String(decoding: data, as: UTF8.self)
    lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
      .enumerated().compactMap { line in
        line.element.allSatisfy(\.isWhitespace) ? nil : (line.offset + 1, line.element)
      }
  }

  func item(
    _ identifier: some StringProtocol, line: Int, in items: ItemCatalogue
  ) throws(EvaluationError) -> UInt32 {
    guard let index = items.identifiers.index(of: String(identifier)) else {
      throw .unknownItem(path: path, line: line, item: String(identifier), others: 0)
    }
    return UInt32(index)
  }

  func customer(
    _ identifier: some StringProtocol, line: Int, in dataset: Dataset
  ) throws(EvaluationError) -> Int {
    guard let index = dataset.customers.index(of: String(identifier)) else {
      throw .unknownCustomer(path: path, line: line, customer: String(identifier))
    }
    return index
  }

  /// The fields of a line parted by commas, quoted ones without their quotes and with doubled
  /// quotes as one.
  func fields(_ line: (number: Int, text: Substring)) throws(EvaluationError) -> [String] {
    var fields = [""]
    var isQuoted = false
    var before: Character?
    for character in line.text {
      if character == "\"" {
        if before == "\"" && !isQuoted { fields[fields.count - 1].append(character) }
        isQuoted.toggle()
      } else if character == "," && !isQuoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
      before = character
    }
    guard !isQuoted else {
      throw .malformedLine(path: path, line: line.number, reason: "a quote is not closed")
    }
    return fields
  }
}
