/// How many changes of each kind were noticed.
struct TamperTally {
  private struct Counts {
    var noticed = 0
    var noticedByAnchor = 0
    var harmless = 0
    var missed = 0

    static func + (one: Counts, other: Counts) -> Counts {
      Counts(
        noticed: one.noticed + other.noticed,
        noticedByAnchor: one.noticedByAnchor + other.noticedByAnchor,
        harmless: one.harmless + other.harmless, missed: one.missed + other.missed)
    }
  }

  private var counts: [Tampering: Counts] = [:]
  /// The changes that were missed, a line each.
  private(set) var faults: [String] = []

  /// The changes that were not harmless.
  var changeCount: Int { total.noticed + total.noticedByAnchor + total.missed }

  private var total: Counts { counts.values.reduce(Counts(), +) }

  /// Counts a change.
  mutating func count(_ verdict: TamperVerdict, _ kind: Tampering, _ name: String) {
    switch verdict {
    case .noticed: counts[kind, default: Counts()].noticed += 1
    case .noticedByAnchor: counts[kind, default: Counts()].noticedByAnchor += 1
    case .harmless: counts[kind, default: Counts()].harmless += 1
    case .missed(let reason):
      counts[kind, default: Counts()].missed += 1
      faults.append("\(name): \(reason)")
    }
  }

  /// Prints a line for each kind, and one for all.
  func print() {
    var table = Table(header: ["change", "noticed", "by what was noted", "harmless", "missed"])
    func add(_ name: String, _ counts: Counts) {
      table.add(
        [name]
          + [counts.noticed, counts.noticedByAnchor, counts.harmless, counts.missed]
          .map(CommandOutput.grouped))
    }
    for kind in Tampering.allCases { add(kind.rawValue, counts[kind] ?? Counts()) }
    add("all", total)
    for line in table.lines { CommandOutput.line(line) }
  }

  /// The sums.
  var json: [String: Any] {
    [
      "changes": changeCount, "noticed": total.noticed,
      "noticed_by_anchor": total.noticedByAnchor, "harmless": total.harmless,
      "missed": total.missed,
    ]
  }
}
