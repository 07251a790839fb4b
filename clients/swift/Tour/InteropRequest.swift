internal import Foundation
internal import RecommenderRPC

/// One request of the suite: a word, and NAME=VALUE arguments.
struct Request: Sendable {
  let command: String
  private let arguments: [String: String]

  init(_ words: [String]) {
    command = words.first ?? ""
    arguments = Dictionary(
      words.dropFirst().compactMap { word in
        word.firstIndex(of: "=").map {
          (String(word[..<$0]), String(word[word.index(after: $0)...]))
        }
      }, uniquingKeysWith: { $1 })
  }

  func has(_ name: String) -> Bool { arguments[name] != nil }
  func number(_ name: String) -> Int? { arguments[name].flatMap { Int($0) } }
  func text(_ name: String) -> String { Self.unquoted(arguments[name] ?? "") }

  func list(_ name: String) -> [String] {
    (arguments[name] ?? "").split(separator: ",").map { Self.unquoted(String($0)) }
  }

  /// The trace the request belongs to; nil: none.
  var trace: TraceID? { arguments["trace"].flatMap { TraceID($0) } }

  /// Events as ID:USER:ITEM:TYPE, the impressions for each of them.
  func events() throws(RPCError) -> [FeedbackEvent] {
    var events: [FeedbackEvent] = []
    for text in (arguments["events"] ?? "").split(separator: ",") {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        .map { Self.unquoted(String($0)) }
      // The library has no event without a type: what the wire could say cannot be written.
      guard parts.count == 4, let type = UInt32(parts[3]).flatMap(FeedbackEventType.init) else {
        throw RPCError(code: .invalidArgument, message: "type: must be given")
      }
      events.append(
        FeedbackEvent(
          eventID: parts[0], userID: parts[1], itemID: parts[2], type: type,
          impressionItemIDs: list("impressions")))
    }
    return events
  }

  /// Products as ID:NAME:CATEGORY:PRICE.
  func items() -> [PutItem] {
    (arguments["items"] ?? "").split(separator: ",").map { text in
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        .map { Self.unquoted(String($0)) }
      return PutItem(
        itemID: parts[0], name: parts[1], category: parts[2], price: Double(parts[3]))
    }
  }

  /// What is to be done with the models, by its number.
  func update() throws(RPCError) -> ModelUpdate {
    guard let update = number("what").flatMap({ ModelUpdate(rawValue: UInt32($0)) }) else {
      throw RPCError(code: .invalidArgument, message: "update: must be 1 or 2")
    }
    return update
  }

  /// What TLS is set up with; nil for none.
  func tls() throws(RPCError) -> ClientTLS? {
    guard has("ca") else { return nil }
    do throws(SecurityError) {
      return try ClientTLS(
        authorityPath: text("ca"), certificatePath: has("certificate") ? text("certificate") : nil,
        keyPath: has("key") ? text("key") : nil, serverName: has("name") ? text("name") : nil)
    } catch {
      throw RPCError(code: .invalidArgument, message: "\(error)")
    }
  }

  private static func unquoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Standard output goes to a pipe, which is written only when it is full.
func flushOutput() { fflush(nil) }
