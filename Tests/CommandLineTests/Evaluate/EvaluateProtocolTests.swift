internal import Foundation
internal import TestSupport
internal import Testing

/// Every protocol on a small shop: what is held out, and what may be offered, worked out from the
/// shop's file alone.
struct EvaluateProtocolTests {
  private let shop: EvaluationWorkspace
  private let history = EvaluationWorkspace.shopItems

  init() throws { shop = try .shop() }

  /// The lines of one model, which are as many as the report says and give its figures.
  private func lines(_ arguments: String...) throws -> (
    lines: [RankingLine], report: [String: Any]
  ) {
    let dump = shop.folder.file("dump.jsonl")
    let report = try shop.run(
      ["evaluate", "--dump", dump, "--k", "5", "--bootstrap", "100"] + arguments
    ).json
    let lines = try RankingLine.read(dump)
    #expect(Set(report.models.keys) == ["sims", "popularity", "random", "item-knn"])
    for (model, figures) in report.models {
      let own = lines.filter { $0.model == model }
      #expect(own.count == report["customers"] as? Int)
      expectRecomputed(figures, from: own, atLeast: 12)
    }
    let own = lines.filter { $0.model == "sims" }
    #expect(!own.isEmpty)
    return (own, report)
  }

  private func items(of line: RankingLine) throws -> [String] {
    history[try #require(Int(line.userId.dropFirst()))].map { "i\($0)" }
  }

  @Test func leaveLastOutRanksAllItemsNotHadBefore() throws {
    let (lines, report) = try lines("--protocol", "leave-last-out")
    let (long, old) = (
      history.filter { $0.count >= 2 },
      history.filter { $0.count >= 2 && $0.dropLast().contains($0[$0.count - 1]) }
    )
    #expect(lines.count == long.count - old.count)
    #expect(
      report.object("left_out") as? [String: Int] == [
        "too_little_history": history.count - long.count, "had_before": old.count,
      ])
    for line in lines {
      let items = try items(of: line)
      #expect(line.relevant == [items[items.count - 1]])
      #expect(Set(line.items).isDisjoint(with: items.dropLast()))
      #expect(line.items.count == 12 - Set(items.dropLast()).count)
    }
  }

  @Test func negativesRestrictTheRanking() throws {
    // Users 1 to 20 have a line; a negative that the user has already is not offered.
    let negatives = (1...20).map { user in
      "u\(user) " + (0..<4).map { "i\(($0 * 2 + user) % 12)" }.joined(separator: " ")
    }
    let path = try shop.write("negatives.txt", negatives.joined(separator: "\n"))
    let (lines, report) = try lines("--protocol", "leave-last-out", "--negatives", path)
    let whole = try self.lines("--protocol", "leave-last-out").lines
    let withLine = Set((1...20).map { "u\($0)" })
    #expect(lines.map(\.userId) == whole.map(\.userId).filter { withLine.contains($0) })
    #expect(report.object("left_out")["no_negatives"] as? Int == whole.count - lines.count)
    for line in lines {
      let user = try #require(Int(line.userId.dropFirst()))
      let listed = Set((0..<4).map { "i\(($0 * 2 + user) % 12)" }).union(line.relevant)
      let had = try items(of: line).dropLast()
      #expect(Set(line.items) == listed.subtracting(had))
    }
    // What everybody reads says how many have no line.
    let text = try shop.run("evaluate", "--protocol", "leave-last-out", "--negatives", path).output
    #expect(text.contains("\(whole.count - lines.count) customers without a line in the negatives"))
  }

  @Test func givenTestFindsWhatTheFileHolds() throws {
    // The newest of each user with four or more, by its very time, and one that nobody had.
    let users = history.indices.filter { history[$0].count >= 4 }
    let rows = users.map { "u\($0),i\(history[$0].last ?? 0),\(1000 + history[$0].count - 1)" }
    let path = try shop.write(
      "test.csv", "USER_ID,ITEM_ID,TIMESTAMP\n" + rows.joined(separator: "\n"))
    let (lines, report) = try lines("--protocol", "given-test", "--test", path)
    let old = users.filter { history[$0].dropLast().contains(history[$0].last ?? 0) }
    #expect(
      Set(lines.map(\.userId)) == Set(users.filter { !old.contains($0) }.map { "u\($0)" }))
    #expect(lines.count == users.count - old.count)
    #expect((report.object("left_out")["had_before"] as? Int ?? 0) == old.count)
    for line in lines {
      let items = try items(of: line)
      #expect(line.relevant == [items[items.count - 1]])
      #expect(Set(line.items).isDisjoint(with: items.dropLast()))
    }
  }

  @Test func sessionPrefixRanksItemsOfThePrefixToo() throws {
    let path = try shop.write("sessions.txt", "i1 i4 i4\ti4\ni0\ti5\ni7 i2\ti3\n")
    let (lines, _) = try lines("--protocol", "session-prefix", "--test", path)
    #expect(lines.map(\.relevant) == [["i4"], ["i5"], ["i3"]])
    #expect(lines.map(\.userId) == ["1", "2", "3"])
    #expect(lines.allSatisfy { $0.items.count == 12 })
  }

  @Test func randomHoldoutHoldsOutTheShare() throws {
    let (lines, report) = try lines(
      "--protocol", "random-holdout", "--holdout-share", "0.4", "--seed", "3")
    let usable = history.indices.filter { Set(history[$0]).count >= 2 }
    #expect(Set(lines.map(\.userId)) == Set(usable.map { "u\($0)" }))
    #expect(lines.count == usable.count)
    #expect(
      report.object("left_out")["too_little_history"] as? Int == history.count - usable.count)
    for line in lines {
      let items = Set(try items(of: line))
      #expect(line.relevant.count == max(1, items.count * 4 / 10))
      #expect(items.isSuperset(of: line.relevant))
      // What was not held out is not offered, what was is.
      #expect(Set(line.items).intersection(items) == Set(line.relevant))
    }
    let again = try self.lines(
      "--protocol", "random-holdout", "--holdout-share", "0.4", "--seed", "3"
    ).lines
    #expect(again.map(\.relevant) == lines.map(\.relevant))
    let other = try self.lines(
      "--protocol", "random-holdout", "--holdout-share", "0.4", "--seed", "4"
    ).lines
    #expect(other.map(\.relevant) != lines.map(\.relevant))
  }

  @Test func personalizeAsksATenthOfTheUsers() throws {
    let (lines, report) = try lines("--protocol", "personalize", "--seed", "2")
    let left = (report.object("left_out") as? [String: Int] ?? [:]).values.reduce(0, +)
    #expect(lines.count + left == history.count / 10)
    for line in lines {
      let items = try items(of: line)
      let newest = items.suffix(max(1, (items.count + 5) / 10))
      let seen = Set(items.dropLast(newest.count))
      #expect(Set(line.relevant) == Set(newest).subtracting(seen))
      #expect(Set(line.items).isDisjoint(with: seen))
    }
  }

  @Test func nextMonthWithoutAPanelFindsWhatIsNew() throws {
    let day = 86_400
    let rows = [
      ("a", "x", 10), ("a", "y", 40), ("a", "x", 41), ("b", "y", 12), ("c", "z", 45),
      ("d", "x", 20), ("d", "x", 50), ("e", "z", 3), ("e", "y", 33), ("e", "x", 34),
    ]
    let text = rows.map { "\($0.0),\($0.1),\($0.2 * day)\n" }.joined()
    let path = try shop.write("events.csv", "USER_ID,ITEM_ID,TIMESTAMP\n" + text)
    try shop.run("import", "interactions", "--interactions", path)
    try shop.run("train", "sims", "--min-cointeraction-count", "1")
    let dump = shop.folder.file("dump.jsonl")
    let report = try shop.run(["evaluate", "--k", "2", "--dump", dump]).json
    // 1970-02 is held out; c is first seen in it.
    let lines = try RankingLine.read(dump).filter { $0.model == "sims" }
    #expect(report["target_month"] as? String == "1970-02")
    #expect(lines.map(\.userId) == ["a", "b", "d", "e"])
    #expect(lines.map { $0.relevant.sorted() } == [["y"], [], [], ["x", "y"]])
    #expect(report.object("left_out") as? [String: Int] == ["not_seen_before": 1])
    // MAP's denominator is all four, that of adders' MAP two.
    let figures = try #require(report.models["sims"])
    #expect(figures["map_at_2"] == (figures["adders_map_at_2"] ?? 0) / 2)
  }
}
