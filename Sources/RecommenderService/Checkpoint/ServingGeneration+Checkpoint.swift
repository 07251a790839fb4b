internal import EventLog
internal import Foundation
internal import RecommenderModels

extension ServingGeneration {
  /// Takes up what a checkpoint knows of the log; to be called before ``catchUp()``.
  ///
  /// - Throws: ``ReplayCheckpoint/Unusable``; then nothing has changed.
  func takeUp(path: String) throws(ReplayCheckpoint.Unusable) {
    try ReplayCheckpoint.read(path: path) { checkpoint, reader throws(ReplayCheckpoint.Unusable) in
      guard checkpoint.origin == origin else { throw .otherModels }
      guard products.starts(with: checkpoint.products) else { throw .otherProducts }
      guard let mark = try? surroundings.store.mark(at: checkpoint.through),
        mark == checkpoint.mark
      else { throw .otherLog }
      do {
        try live.read(from: &reader, itemCount: catalogue.current.itemIDs.count)
      } catch {
        forgetLog()
        throw .damaged
      }
      know(through: checkpoint.through, eventCount: checkpoint.eventCount)
    }
  }

  /// Writes what it knows of the log; nothing when that is nothing, or the log cannot tell.
  ///
  /// - Throws: `EventLogError`, `TensorFileError`, and what `JSONEncoder` throws.
  func writeCheckpoint(path: String) throws {
    guard through > 0, let mark = try surroundings.store.mark(at: through) else { return }
    try ReplayCheckpoint(
      origin: origin, products: products, through: through, mark: mark, eventCount: eventCount
    ).write(path: path, live)
  }

  /// All that the state follows from beside the log, as text.
  var origin: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let exploration = surroundings.exploration
    var lines = [
      "version \(surroundings.serverVersion)", "dataset \(models.datasetChecksum ?? "")",
      "exploration \(exploration.weight) \(exploration.itemAgeCutOffDays)"
        + " \(exploration.responseWindowSeconds) \(exploration.seed)",
    ]
    for model in models.all {
      let manifest = (try? encoder.encode(model.manifest)) ?? Data()
      lines.append("\(model.version) \(String(decoding: manifest, as: UTF8.self))")
    }
    return lines.joined(separator: "\n")
  }

  /// The products that were put: where their learning starts from. Bytes of more products begin with
  /// those of fewer.
  private var products: [UInt8] {
    var writer = StateWriter()
    for item in catalogue.current.added {
      writer.append(item.itemID)
      writer.append(item.createdMilliseconds)
      writer.append(count: item.prior.count)
      for value in item.prior { writer.append(value) }
    }
    return writer.bytes
  }
}
