internal import Foundation
internal import FuzzSupport

/// Changes one value somewhere in a JSON document.
enum JSONEdit {
  /// Numbers that readers stumble over.
  private static let wholeNumbers = [
    0, 1, -1, 2, 3, 63, 64, 65, 255, 256, 65_535, 65_536, 16_777_216, Int(Int32.max),
    Int(UInt32.max), 1 << 32, Int.max, Int.min,
  ]
  private static let fractions = [0.5, -0.5, 1e-300, 1e300, 1e19]
  private static let texts = [
    "", "a", "0000-01", "9999-12", "-", "\u{1F600}", "opening", "panel", "sequence", "16", "-1",
    String(repeating: "x", count: 300),
  ]

  /// Changes the text of a JSON document; text that is none stays.
  static func apply(to text: inout String, _ cursor: inout ByteCursor) {
    guard var value = try? JSONSerialization.jsonObject(with: Data(text.utf8)) else { return }
    apply(to: &value, &cursor)
    guard JSONSerialization.isValidJSONObject(value),
      let data = try? JSONSerialization.data(withJSONObject: value, options: .sortedKeys)
    else { return }
    text = String(decoding: data, as: UTF8.self)
  }

  /// Changes a JSON object or array.
  static func apply(to value: inout Any, _ cursor: inout ByteCursor) {
    var place = cursor.index(below: max(1, min(count(value), 65_536)))
    value = changed(value, &place, &cursor)
  }

  /// The values in a document, itself included.
  private static func count(_ value: Any) -> Int {
    switch value {
    case let object as [String: Any]: 1 + object.values.reduce(0) { $0 + count($1) }
    case let array as [Any]: 1 + array.reduce(0) { $0 + count($1) }
    default: 1
    }
  }

  private static func changed(_ value: Any, _ place: inout Int, _ cursor: inout ByteCursor) -> Any {
    place -= 1
    if place < 0 { return place == -1 ? replacement(value, &cursor) : value }
    switch value {
    case var object as [String: Any]:
      for (key, element) in object.sorted(by: { $0.key < $1.key }) where place >= 0 {
        object[key] = changed(element, &place, &cursor)
      }
      return object
    case var array as [Any]:
      for index in array.indices where place >= 0 {
        array[index] = changed(array[index], &place, &cursor)
      }
      return array
    default: return value
    }
  }

  private static func replacement(_ value: Any, _ cursor: inout ByteCursor) -> Any {
    switch (cursor.index(below: 6), value) {
    case (0, let array as [Any]) where !array.isEmpty:
      return array + [array[cursor.index(below: min(array.count, 256))]]
    case (1, let array as [Any]): return Array(array.dropLast())
    case (2, let object as [String: Any]):
      var rest = object
      if let key = object.keys.sorted().dropFirst(cursor.index(below: 32)).first { rest[key] = nil }
      return rest
    case (3, _): return texts[cursor.index(below: texts.count)]
    case (4, _) where cursor.index(below: 8) == 0: return NSNull()
    case (5, is NSNumber): return Int(cursor.next(Int64.self))
    case (_, is [String: Any]): return value
    default:
      let place = cursor.index(below: wholeNumbers.count + fractions.count)
      return place < wholeNumbers.count
        ? wholeNumbers[place] : fractions[place - wholeNumbers.count]
    }
  }
}
