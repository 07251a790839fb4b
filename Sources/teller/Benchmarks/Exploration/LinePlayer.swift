internal import Exploration
internal import Foundation

/// Plays an exploration policy over lines of JSON.
struct LinePlayer {
  /// A line that cannot be played.
  struct BadLine: Error, Equatable, CustomStringConvertible {
    let line: Int
    let reason: String
    var description: String { "standard input:\(line): \(reason)" }
  }

  /// The most slates that wait for feedback; the oldest is forgotten for a further one.
  static let pendingLimit = 100_000

  private struct Line: Decodable {
    let op: String
    let id: UInt64
    let context: [UInt8]?
    let candidates: [Int]?
    let scores: [Double?]?
    let k: Int?
    let outcomes: [Int8]?
  }

  private struct Answer: Encodable {
    let items: [Int]
    let propensities: [Double]
  }

  private struct Pending {
    let slate: Slate
    let request: SlateRequest
  }

  private var policy: SlatePolicy
  private var scratch = SlateScratch()
  private var pending: [UInt64: Pending] = [:]
  private var order: [UInt64] = []
  private var forgotten = 0
  private var lineNumber = 0
  private let decoder = JSONDecoder()
  private let encoder = JSONEncoder()

  init(policy: SlatePolicy) {
    self.policy = policy
    encoder.outputFormatting = [.sortedKeys]
  }

  /// The answer to one line.
  ///
  /// - Throws: ``BadLine``.
  mutating func answer(_ text: String) throws -> String {
    lineNumber += 1
    let line: Line
    do {
      line = try decoder.decode(Line.self, from: Data(text.utf8))
    } catch {
      throw bad("not a request: \(Self.reason(error))")
    }
    switch line.op {
    case "recommend": return try recommend(line)
    case "feedback": return try feedback(line)
    default: throw bad("op is \"\(line.op)\"; it must be recommend or feedback")
    }
  }

  private mutating func recommend(_ line: Line) throws -> String {
    guard let context = line.context, let candidates = line.candidates, let scores = line.scores,
      let slotCount = line.k
    else { throw bad("recommend needs context, candidates, scores and k") }
    let request = SlateRequest(
      context: context, candidates: candidates, scores: scores.map { $0 ?? .nan },
      slotCount: slotCount)
    do {
      try policy.validate(request)
    } catch {
      throw bad(error.description)
    }
    var slate = Slate()
    policy.decide(request, recommendation: line.id, scratch: &scratch, into: &slate)
    keep(Pending(slate: slate, request: request), id: line.id)
    let answer = Answer(
      items: slate.entries.map(\.item), propensities: slate.entries.map(\.propensity))
    return String(decoding: try encoder.encode(answer), as: UTF8.self)
  }

  private mutating func keep(_ slate: Pending, id: UInt64) {
    if pending.updateValue(slate, forKey: id) == nil { order.append(id) }
    while pending.count > Self.pendingLimit {
      pending[order[forgotten]] = nil
      forgotten += 1
    }
    // The queue's front is given back now and then, not at each step.
    if forgotten > Self.pendingLimit {
      order.removeFirst(forgotten)
      forgotten = 0
    }
  }

  private mutating func feedback(_ line: Line) throws -> String {
    guard let outcomes = line.outcomes else { throw bad("feedback needs outcomes") }
    let responses = outcomes.compactMap { Response(rawValue: $0) }
    guard responses.count == outcomes.count else { throw bad("outcomes are 1, 0 or -1") }
    guard let played = pending.removeValue(forKey: line.id) else {
      throw bad("no recommendation \(line.id) waits for feedback")
    }
    guard responses.count == played.slate.entries.count else {
      throw bad(
        "\(responses.count) outcomes for a slate of \(played.slate.entries.count)")
    }
    policy.learn(played.slate, request: played.request, responses: responses)
    return "{}"
  }

  private func bad(_ reason: String) -> BadLine { BadLine(line: lineNumber, reason: reason) }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has another type"
    default: "no JSON object"
    }
  }
}
