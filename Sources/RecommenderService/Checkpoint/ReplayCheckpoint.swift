internal import Foundation
internal import TensorFiles

/// What the log had told up to an event, in a file: a restart takes it up and replays only what came
/// after.
///
/// The file is a text that names the form; then the fields below; the state of ``LiveModels``; and at
/// its end the CRC-32 of all that stands before. It is replaced in one step.
struct ReplayCheckpoint {
  /// Why a checkpoint is of no use; then the whole log is replayed.
  enum Unusable: Error, Equatable {
    case absent
    case damaged
    case otherModels
    case otherProducts
    case otherLog

    var reason: String {
      switch self {
      case .absent: "there is no checkpoint of it"
      case .damaged: "the checkpoint is damaged"
      case .otherModels: "the checkpoint is of other models, settings or another version"
      case .otherProducts: "products were changed since the checkpoint"
      case .otherLog: "the checkpoint is of another log, or events were removed since"
      }
    }
  }

  /// To be raised whenever the same bytes would mean something else, or events change something else.
  private static let form = "teller replay checkpoint 1"

  /// What it was made from.
  var origin: String
  /// The products that had been put, in the order of the catalogue.
  var products: [UInt8]
  /// The last event it knows of.
  var through: Int64
  /// See `EventStore.mark(at:)`.
  var mark: String
  /// The events that were in the log.
  var eventCount: Int

  /// Replaces the file.
  ///
  /// - Throws: `TensorFileError`, and what `JSONEncoder` throws.
  func write(path: String, _ live: LiveModels) throws {
    var writer = StateWriter()
    writer.append(Self.form)
    writer.append(origin)
    writer.append(products)
    writer.append(through)
    writer.append(mark)
    writer.append(UInt64(eventCount))
    try live.write(to: &writer)
    writer.append(writer.bytes.withUnsafeBytes { Checksum.crc32($0) })
    try writer.bytes.withUnsafeBytes { try AtomicFile.write(path: path, parts: [$0]) }
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - body: given what it says, and the reader of the state.
  /// - Throws: ``Unusable``.
  static func read(
    path: String, _ body: (ReplayCheckpoint, inout StateReader) throws(Unusable) -> Void
  ) throws(Unusable) {
    guard let file = try? MappedFile(path: path) else { throw .absent }
    defer { withExtendedLifetime(file) {} }
    let content = UnsafeRawBufferPointer(rebasing: file.bytes.dropLast(4))
    var end = StateReader(UnsafeRawBufferPointer(rebasing: file.bytes.suffix(4)))
    guard (try? end.integer(UInt32.self)) == Checksum.crc32(content) else { throw .damaged }
    var reader = StateReader(content)
    let checkpoint: ReplayCheckpoint
    do throws(StateReader.Damaged) {
      guard try reader.text() == form else { throw StateReader.Damaged() }
      checkpoint = ReplayCheckpoint(
        origin: try reader.text(), products: try reader.array(),
        through: try reader.integer(), mark: try reader.text(),
        eventCount: Int(truncatingIfNeeded: try reader.integer(UInt64.self)))
    } catch {
      throw .damaged
    }
    try body(checkpoint, &reader)
  }
}
