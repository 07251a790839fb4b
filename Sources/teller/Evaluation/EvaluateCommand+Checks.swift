internal import Foundation
internal import InteractionData
internal import OfflineEvaluation
internal import TensorFiles

extension EvaluateCommand {
  /// Checks all that can be checked before hours of work are done.
  ///
  /// - Parameter itemCount: the size of the catalogue.
  /// - Throws: `EvaluationError`; `TensorFileError` for an output that cannot be written.
  func check(itemCount: Int) throws {
    try offPolicy.checkUnused()
    let limit = min(itemCount, Evaluator.kLimit)
    if let k, !(1...max(limit, 1)).contains(k) {
      throw EvaluationError.invalidK(value: k, limit: limit)
    }
    for value in try cutoffList where !(1...max(limit, 1)).contains(value) {
      throw invalid("cutoffs", "\(value)", "whole numbers from 1 to \(limit)")
    }
    let replicates = BootstrapIntervals.replicateRange
    guard bootstrap == 0 || replicates.contains(bootstrap) else {
      throw invalid(
        "bootstrap", "\(bootstrap)",
        "0, or from \(replicates.lowerBound) to \(replicates.upperBound)")
    }
    guard (1...HoldingsPanel.monthLimit).contains(months) else {
      throw invalid("months", "\(months)", "from 1 to \(HoldingsPanel.monthLimit)")
    }
    try checkProtocolOptions()
    for path in [csv, html, dump].compactMap({ $0 }) { try Self.checkWritable(path) }
  }

  /// The further places at which every metric is measured.
  var cutoffList: [Int] {
    get throws {
      guard let cutoffs else { return [] }
      return try cutoffs.split(separator: ",", omittingEmptySubsequences: false).map { word in
        guard let value = Int(word) else {
          throw invalid("cutoffs", cutoffs, "whole numbers such as 3,50")
        }
        return value
      }
    }
  }

  /// An option that its protocol would not look at is a misunderstanding.
  private func checkProtocolOptions() throws {
    let name = protocolName.rawValue
    let needsTest = protocolName == .givenTest || protocolName == .sessionPrefix
    if needsTest && test == nil { throw invalid("test", "not given", "a file for \(name)") }
    if protocolName == .knownHazards && hazards == nil {
      throw invalid("hazards", "not given", "a file for \(name)")
    }
    let isRanked = protocolName != .knownHazards
    let given = [
      ("hazards", hazards, !isRanked), ("slice", slice, isRanked), ("csv", csv, isRanked),
      ("html", html, isRanked), ("dump", dump, isRanked), ("cutoffs", cutoffs, isRanked),
      ("test", test, needsTest), ("negatives", negatives, protocolName == .leaveLastOut),
      ("months", months == 1 ? nil : "\(months)", protocolName == .nextMonth),
      ("holdout-share", holdoutShare.map { "\($0)" }, protocolName == .randomHoldout),
    ]
    for (option, value, isUsed) in given {
      if let value, !isUsed { throw invalid(option, value, "left out with --protocol \(name)") }
    }
  }

  /// Options about rankings mean nothing for a log.
  ///
  /// - Throws: `EvaluationError`.
  func checkOffPolicyOptions() throws(EvaluationError) {
    let given = [
      ("k", k.map { "\($0)" }), ("cutoffs", cutoffs), ("test", test), ("negatives", negatives),
      ("hazards", hazards), ("holdout-share", holdoutShare.map { "\($0)" }), ("slice", slice),
      ("csv", csv), ("html", html), ("dump", dump), ("yardsticks", yardsticks ? "given" : nil),
    ]
    for case (let name, let value?) in given {
      throw invalid(name, value, "left out with --off-policy")
    }
  }

  private func invalid(_ name: String, _ value: String, _ expected: String) -> EvaluationError {
    .invalidOption(name: name, value: value, expected: expected)
  }

  private static func checkWritable(_ path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    var isFolder: ObjCBool = false
    let manager = FileManager.default
    guard manager.fileExists(atPath: folder.isEmpty ? "." : folder, isDirectory: &isFolder),
      isFolder.boolValue
    else { throw TensorFileError.unwritable(path: path, reason: "there is no folder \(folder)") }
    if manager.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw TensorFileError.unwritable(path: path, reason: "it is a folder")
    }
    guard manager.isWritableFile(atPath: folder.isEmpty ? "." : folder) else {
      throw TensorFileError.unwritable(path: path, reason: "the folder may not be written to")
    }
  }
}
