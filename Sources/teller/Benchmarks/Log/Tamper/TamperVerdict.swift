internal import Foundation

/// What the check of a record made of a change.
enum TamperVerdict {
  /// It was told at once.
  case noticed
  /// It was told to whoever had noted the head and the first block.
  case noticedByAnchor
  /// Nothing that the record says has changed.
  case harmless
  case missed(String)
}

/// A record before it was changed, as the program itself tells it.
struct TamperedRecord {
  /// The record; never changed.
  let files: RecordFiles
  /// The head and the first block that were noted.
  let anchor: [String]
  /// The file with its answers as `recommendations export` prints them.
  let exportPath: String

  /// A record that could not be read before it was changed.
  struct NotIntact: Error, CustomStringConvertible {
    let errors: String

    var description: String { "the record was not whole to begin with: \(errors)" }
  }

  /// Notes the head of a record and what it tells.
  ///
  /// - Parameters:
  ///   - files: the record.
  ///   - copy: where it may be read: reading may bring its write-ahead log into the database.
  /// - Throws: ``NotIntact``, and what files throw.
  init(_ files: RecordFiles, copy: RecordFiles) throws {
    self.files = files
    exportPath = "\(files.folder)/answers.jsonl"
    try copy.replace(by: files)
    let verifyPath = "\(files.folder)/verify.json"
    let verify = try ChildRun(
      ["audit", "verify", "--workspace", copy.folder, "--json"], outputPath: verifyPath)
    let lines = try String(contentsOfFile: verifyPath, encoding: .utf8).split(separator: "\n")
    guard verify.exitCode == 0, let line = lines.last,
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
      let head = object["head"] as? String, let first = object["first_block"] as? Int
    else { throw NotIntact(errors: verify.errors) }
    anchor = ["--head", head, "--first-block", "\(first)"]
    let export = try ChildRun(
      ["recommendations", "export", "--workspace", copy.folder], outputPath: exportPath)
    guard export.exitCode == 0 else { throw NotIntact(errors: export.errors) }
  }

  /// Lets the program check a changed copy.
  ///
  /// - Parameter copy: the copy.
  /// - Returns: what came of it; a check that crashes, or says more or less than one line, has missed
  ///   the change.
  /// - Throws: what `Process` and files throw.
  func verdict(_ copy: RecordFiles) throws -> TamperVerdict {
    let command = ["audit", "verify", "--workspace", copy.folder]
    let output = "\(copy.folder)/output"
    func unclear(_ run: ChildRun) -> TamperVerdict {
      let end = run.exitCode.map { "ended with \($0)" } ?? "crashed"
      return .missed("the check \(end): \(run.errors)")
    }
    let verify = try ChildRun(command, outputPath: output)
    if verify.hasRefused { return .noticed }
    guard verify.exitCode == 0 else { return unclear(verify) }
    let anchored = try ChildRun(command + anchor, outputPath: output)
    if anchored.hasRefused { return .noticedByAnchor }
    guard anchored.exitCode == 0 else { return unclear(anchored) }
    let export = try ChildRun(
      ["recommendations", "export", "--workspace", copy.folder], outputPath: output)
    guard export.exitCode == 0 else {
      return .missed("the check holds, the export fails: \(export.errors)")
    }
    return FileManager.default.contentsEqual(atPath: output, andPath: exportPath)
      ? .harmless : .missed("the check holds, and other answers are on record")
  }
}
