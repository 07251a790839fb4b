internal import Foundation
internal import TestSupport
internal import Testing

/// Slices by what the bank's file says of each customer, compared with the file and the rankings.
struct EvaluateSliceTests {
  private let bank: EvaluationWorkspace

  init() throws { bank = try .bank() }

  /// The newest known value of a column, by customer.
  private func newest(_ column: String) throws -> [String: String] {
    let rows = try String(
      contentsOfFile: bank.folder.file("bank.csv"), encoding: .utf8
    ).split(separator: "\n")
    let header = fields(rows[0])
    let place = try #require(header.firstIndex(of: column))
    var values: [String: String] = [:]
    for row in rows.dropFirst() {
      let fields = fields(row)
      if fields[place] != "" && fields[place] != "NA" { values[fields[1]] = fields[place] }
    }
    return values
  }

  private func fields(_ row: Substring) -> [String] {
    csvFields(row).map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// The slices of a report, each compared with what the dump says of its customers.
  private func slices(
    _ attribute: String, group: (String) -> String?
  ) throws -> [String: [String: Any]] {
    let (report, lines) = try bank.evaluate("--slice", attribute, "--bootstrap", "0")
    let slices = report.object("slices")[attribute] as? [String: [String: Any]] ?? [:]
    var customers = 0
    for (name, slice) in slices {
      let own = lines.filter { group($0.userId) == name }
      let size = try #require(slice["customers"] as? Int)
      #expect(size > 0)
      customers += size
      for (model, figures) in slice["models"] as? [String: [String: Any]] ?? [:] {
        let ranked = own.filter { $0.model == model }
        #expect(ranked.count == size, "\(name)")
        #expect(ranked.count { !$0.relevant.isEmpty } == slice["adders"] as? Int, "\(name)")
        expectRecomputed(figures.compactMapValues { $0 as? Double }, from: ranked, atLeast: 12)
        let exposure = try #require(figures["exposure"] as? [String: Double])
        let again = RecomputedFigures(ranked).exposure(k: 7)
        #expect(Set(exposure.keys) == Set(again.keys), "\(name)")
        #expect(exposure.allSatisfy { abs($0.value - (again[$0.key] ?? 0)) < 1e-12 }, "\(name)")
        #expect(
          figures["coverage"] as? Double == RecomputedFigures(ranked).coverage(k: 7, catalogue: 24))
      }
      #expect((slice["models"] as? [String: Any])?.count == 4)
    }
    #expect(customers == report["customers"] as? Int)
    return slices
  }

  @Test(arguments: ["sexo", "segmento", "cod_prov"])
  func categoriesAreGroups(attribute: String) throws {
    let values = try newest(attribute)
    let slices = try slices(attribute) { values[$0] ?? "(unknown)" }
    #expect(slices.count >= 3)
    // A fifth of the customers has no sex; they are a group and not the majority's.
    if attribute == "sexo" { #expect(Set(slices.keys) == ["H", "V", "(unknown)"]) }
  }

  @Test func agesAreBands() throws {
    let ages = try newest("age").compactMapValues { Double($0) }
    func bounds(_ name: String) -> ClosedRange<Double>? {
      let numbers = name.split(separator: " ").compactMap { Double($0) }
      guard let low = numbers.first else { return nil }
      return low...(numbers.count > 1 ? numbers[1].nextDown : .infinity)
    }
    let names = try bank.run("evaluate", "--slice", "age", "--bootstrap", "0")
      .json.object("slices").object("age").keys
    let slices = try slices("age") { user in
      guard let age = ages[user] else { return "(unknown)" }
      return names.first { bounds($0)?.contains(age) ?? false }
    }
    let sizes = slices.filter { $0.key != "(unknown)" }.compactMap { $0.value["customers"] as? Int }
    #expect((4...6).contains(sizes.count))
    // Bands of about equal size, but for ages that many share.
    #expect(try #require(sizes.max()) < 3 * #require(sizes.min()))
  }

  @Test func slicesAreInEveryOutput() throws {
    let (csv, html) = (bank.folder.file("a.csv"), bank.folder.file("a.html"))
    let run = try bank.run("evaluate", "--slice", "sexo", "--csv", csv, "--html", html)
    let table = try String(contentsOfFile: csv, encoding: .utf8)
    let page = try String(contentsOfFile: html, encoding: .utf8)
    for group in ["H", "V", "(unknown)"] {
      #expect(table.contains("sims,sexo=\(group),map_at_7,"))
      #expect(table.contains("sims,sexo=\(group),customers,"))
      #expect(table.contains("sims,sexo=\(group),exposure_share_of_ind_"))
      #expect(page.contains("<td>\(group)</td>"))
      #expect(run.output.contains("\n\(group) "))
    }
    #expect(run.output.contains("MAP@7 by sexo"))
  }
}
