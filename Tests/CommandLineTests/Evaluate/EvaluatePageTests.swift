internal import Foundation
internal import FoundationXML
internal import TestSupport
internal import Testing

/// The HTML report opens from disk and has a plot for each of its sections.
struct EvaluatePageTests {
  @Test func thePageNeedsNothingFromElsewhere() throws {
    let bank = try EvaluationWorkspace.bank(customers: 200, months: 4)
    let path = bank.folder.file("report.html")
    try bank.run(
      "evaluate", "--months", "2", "--slice", "segmento", "--html", path, "--bootstrap", "100")
    let page = try String(contentsOfFile: path, encoding: .utf8)
    for reference in [
      "http:", "https:", "src=", "href=", "url(", "@import", "<script", "<link", "<iframe",
      "<object", "<image", "//",
    ] {
      #expect(!page.contains(reference), "\(reference)")
    }
    #expect(!page.contains(">nan<") && !page.contains("\"nan\""))
    let document = try XMLDocument(
      xmlString: page.replacingOccurrences(of: "<!DOCTYPE html>", with: "")
        .replacingOccurrences(of: "<meta charset=\"utf-8\">", with: "")
        .replacing(#/<meta name[^>]*>/#, with: ""))
    let sections = try document.nodes(forXPath: "//section")
    // Four metrics, the months, popularity's calibration, the slices.
    #expect(sections.count == 7)
    for section in sections {
      let title = try section.nodes(forXPath: "h2").first?.stringValue ?? ""
      #expect(!title.isEmpty)
      let plots = try section.nodes(forXPath: ".//*[local-name()='svg']")
      #expect(plots.count == 1, "\(title)")
      // Those who do not see it are told what it is and says.
      let names = try plots.first?.nodes(
        forXPath: "*[local-name()='title' or local-name()='desc']")
      #expect(names?.compactMap(\.stringValue).allSatisfy { !$0.isEmpty } ?? false, "\(title)")
      #expect(names?.count == 2, "\(title)")
      let shapes = try section.nodes(
        forXPath: ".//*[local-name()='rect' or local-name()='circle']")
      #expect(shapes.count >= 4, "\(title)")
    }
    #expect(try document.nodes(forXPath: "//*[local-name()='svg']").count == sections.count)
  }
}
