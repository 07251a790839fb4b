internal import Foundation
internal import RecommenderModels
internal import TensorFiles

/// One trial of a search, as it stands in the log.
struct Trial: Codable, Equatable {
  /// What the search depends on; trials of other searches may stand in the same file.
  var search: String
  /// Its number, from 0.
  var trial: Int
  /// All settings given to the recipe, searched or fixed.
  var settings: [String: ConfigurationValue]
  /// What decides, higher is better; nil when the training failed.
  var score: Double?
  /// Further figures of the same evaluation.
  var metrics: [String: Double]
  /// How long it took.
  var seconds: Double
  /// Why the training failed.
  var failure: String?
}

/// Trials, one line of JSON each, on disk before the next begins.
struct TrialLog {
  let path: String

  /// The trials of a search by number. A last line that a crash has cut short is left out, and so
  /// are other searches.
  func trials(of search: String) throws -> [Int: Trial] {
    guard FileManager.default.fileExists(atPath: path) else { return [:] }
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    var trials: [Int: Trial] = [:]
    for line in data.split(separator: 0x0A) {
      guard let trial = try? JSONDecoder().decode(Trial.self, from: line),
        trial.search == search
      else { continue }
      trials[trial.trial] = trial
    }
    return trials
  }

  /// Adds a trial; it is on disk when this returns.
  func append(_ trial: Trial) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var line = try encoder.encode(trial)
    line.append(0x0A)
    let folder = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure }
    defer { close(descriptor) }
    // What a crash has cut short gets its line's end, lest it spoil this one.
    var last: UInt8 = 0x0A
    let end = lseek(descriptor, 0, SEEK_END)
    if end > 0, pread(descriptor, &last, 1, end - 1) == 1, last != 0x0A {
      line.insert(0x0A, at: 0)
    }
    let written = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard written == line.count, fsync(descriptor) == 0 else { throw failure }
  }

  private var failure: TensorFileError {
    .unwritable(path: path, reason: String(cString: strerror(errno)))
  }
}
