internal import Exploration

/// The slates that customers were shown, in the order they were first heard of, and what came of
/// each slot so far.
///
/// Its content follows from the order of events and their times alone, so that a replay has the
/// same.
struct ShownSlates {
  /// The most slates that are waited for or known to be settled; the oldest goes for a further one.
  static let limit = 131_072

  /// A slate that was shown.
  struct Shown {
    let context: [UInt8]
    let entries: [Slate.Entry]
    /// See `Slate.rivalLogit`.
    var rivalLogit: Double?
    /// Whether each slot is learned from already.
    var isLearned: [Bool]
    /// The slots that explicit impression lists name; nil while there is none: then all were shown.
    var impressions: [Bool]?
  }

  private struct Opening {
    let identifier: String
    let milliseconds: Int64
  }

  private let limit: Int
  private var slates: [String: Shown?] = [:]
  /// In the order of opening; those before `settledCount` are settled.
  private var openings: [Opening] = []
  private var start = 0
  private var settledCount = 0

  init(limit: Int = Self.limit) { self.limit = limit }

  /// Whether a slate was heard of, settled or not.
  func knows(_ identifier: String) -> Bool { slates[identifier] != nil }

  /// Opens a slate; returns the oldest one when it has to go unsettled.
  mutating func open(_ identifier: String, _ slate: Shown, atMilliseconds now: Int64) -> Shown? {
    slates[identifier] = .some(slate)
    openings.append(Opening(identifier: identifier, milliseconds: now))
    guard openings.count - start > limit else { return nil }
    let oldest = openings[start].identifier
    start += 1
    let left = slates.removeValue(forKey: oldest) ?? nil
    settledCount = max(settledCount, start)
    // The queue's front is given back now and then, not at each step.
    if start > limit {
      openings.removeFirst(start)
      settledCount -= start
      start = 0
    }
    return left
  }

  /// Takes the oldest slate out that was opened at or before a moment and is not settled.
  mutating func settle(openedThrough moment: Int64) -> Shown? {
    guard settledCount < openings.count, openings[settledCount].milliseconds <= moment else {
      return nil
    }
    let identifier = openings[settledCount].identifier
    settledCount += 1
    return slates.updateValue(nil, forKey: identifier) ?? nil
  }

  /// Changes a slate that is not settled.
  mutating func change<Result>(_ identifier: String, _ body: (inout Shown) -> Result) -> Result? {
    guard let known = slates[identifier], var slate = known else { return nil }
    // Let go first: a second reference would copy the arrays.
    slates[identifier] = .some(nil)
    let result = body(&slate)
    slates[identifier] = .some(slate)
    return result
  }

  // MARK: As bytes

  func write(to writer: inout StateWriter) {
    writer.append(count: openings.count - start)
    for place in start..<openings.count {
      let opening = openings[place]
      writer.append(opening.identifier)
      writer.append(opening.milliseconds)
      writer.append(place < settledCount)
      if let slate = slates[opening.identifier] ?? nil {
        writer.append(true)
        slate.write(to: &writer)
      } else {
        writer.append(false)
      }
    }
  }

  /// Takes up what was written, in place of nothing; `isPossible` says whether a slate is one of this
  /// service.
  mutating func read(
    from reader: inout StateReader, where isPossible: (Shown) -> Bool
  ) throws(StateReader.Damaged) {
    let count = try reader.count()
    guard count <= limit else { throw StateReader.Damaged() }
    for place in 0..<count {
      let identifier = try reader.text()
      openings.append(
        Opening(identifier: identifier, milliseconds: try reader.integer(Int64.self)))
      if try reader.bool() {
        // The settled ones come first.
        guard settledCount == place else { throw StateReader.Damaged() }
        settledCount += 1
      }
      let slate = try reader.bool() ? try Shown(from: &reader) : nil
      guard slate.map(isPossible) ?? true, slates.updateValue(slate, forKey: identifier) == nil
      else { throw StateReader.Damaged() }
    }
  }
}
