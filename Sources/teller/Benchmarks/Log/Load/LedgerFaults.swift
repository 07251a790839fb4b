/// Something that must not be.
struct LedgerFaults: Error, CustomStringConvertible {
  /// A line each.
  let faults: [String]
  let seed: UInt64
  /// Where the logs are, which are kept.
  let folder: String

  var description: String {
    "seed \(seed): \(faults.count) faults, the first: "
      + faults.prefix(3).joined(separator: "; ") + "; the logs are kept in \(folder)"
  }
}
