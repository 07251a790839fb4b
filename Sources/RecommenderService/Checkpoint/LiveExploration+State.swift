internal import Exploration
internal import Foundation

extension LiveExploration {
  func write(to writer: inout StateWriter) throws {
    writer.append(now)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    writer.append([UInt8](try encoder.encode(policy.learned)))
    shown.write(to: &writer)
  }

  /// Takes up what was written, about a catalogue of so many items, with what was put.
  func read(from reader: inout StateReader, itemCount: Int) throws {
    now = try reader.integer()
    guard now == .min || ClockRange.milliseconds.contains(now) else { throw StateReader.Damaged() }
    let learned = try JSONDecoder().decode(
      SlatePolicy.Learned.self, from: Data(try reader.array()))
    try policy.takeUp(learned, itemCount: itemCount)
    let schema = policy.schema
    try shown.read(from: &reader) { slate in
      schema.accepts(slate.context)
        && slate.entries.allSatisfy { (0..<itemCount).contains($0.item) }
    }
  }
}

extension ShownSlates.Shown {
  func write(to writer: inout StateWriter) {
    writer.append(context)
    writer.append(count: entries.count)
    for (slot, entry) in entries.enumerated() {
      writer.append(UInt32(entry.item))
      writer.append(entry.isCold)
      writer.append(entry.propensity)
      writer.append(entry.logit)
      writer.append(entry.deviation)
      writer.append(isLearned[slot])
    }
    writer.append(rivalLogit != nil)
    writer.append(rivalLogit ?? 0)
    writer.append(impressions != nil)
    for isSeen in impressions ?? [] { writer.append(isSeen) }
  }

  init(from reader: inout StateReader) throws(StateReader.Damaged) {
    let context = try reader.array()
    var entries: [Slate.Entry] = []
    var isLearned: [Bool] = []
    for _ in 0..<(try reader.count()) {
      let (item, isCold) = (Int(try reader.integer(UInt32.self)), try reader.bool())
      entries.append(
        Slate.Entry(
          item: item, propensity: try reader.double(), logit: try reader.double(),
          isCold: isCold, deviation: try reader.double()))
      isLearned.append(try reader.bool())
    }
    let hasRival = try reader.bool()
    let rivalLogit = try reader.double()
    var impressions: [Bool]?
    if try reader.bool() {
      impressions = []
      for _ in entries { impressions?.append(try reader.bool()) }
    }
    self.init(
      context: context, entries: entries, rivalLogit: hasRival ? rivalLogit : nil,
      isLearned: isLearned, impressions: impressions)
  }
}
