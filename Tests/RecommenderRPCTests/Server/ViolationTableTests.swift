internal import Foundation
internal import NIOCore
internal import NIOEmbedded
internal import Testing

@testable internal import RecommenderRPC

/// The violation table of proto/PROTOCOL.md, row by row: each is tried, and what the server does is
/// what the table says. A row without a test, or a test without a row, is a failure.
@Suite struct ViolationTableTests {
  /// What a server does about something, in the words of the table.
  enum Reaction: Equatable {
    case ends(String)
    case answers(String)
    case ignores

    init?(_ text: String) {
      let words = text.split(separator: " ").map(String.init)
      if let at = words.firstIndex(of: "ends"), words.count > at + 2 {
        self = .ends(words[at + 2].filter { $0 != ":" })
      } else if words.first == "answers", words.count > 1 {
        self = .answers(words[1])
      } else if words.first == "ignores" || words.first == "drops" {
        self = .ignores
      } else {
        return nil
      }
    }
  }

  static func rows() throws -> [(what: String, reaction: Reaction?)] {
    let page = try String(
      contentsOf: GoldenFrames.folder.deletingLastPathComponent()
        .appendingPathComponent("PROTOCOL.md"), encoding: .utf8)
    let section = try #require(page.components(separatedBy: "\n## Violations\n").last)
    return section.components(separatedBy: "\n## ")[0].split(separator: "\n")
      .filter { $0.hasPrefix("| ") }.dropFirst().map { line in
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        return (cells[0], Reaction(cells[1]))
      }
  }

  /// Rows that need more than one connection or another module: file and function of their tests.
  static let elsewhere = [
    "UpdateModels while another is under way": (
      "RecommenderServiceTests/ModelSwapTests.swift", "whatCannotBeLoadedLeavesTheOldOnesAlone"
    ),
    "one connection too many (16,384)": (
      "RecommenderRPCTests/Server/LoopbackTests.swift", "oneConnectionTooManyIsToldSo"
    ),
    "one connection too many of those that have not shown who they are (256; 64 from one address)":
      (
        "RecommenderRPCTests/Security/AdmissionTests.swift",
        "onePlaceTooManyIsToldAndFreeAgainWithAToken"
      ),
    "a connection from an address with 16 bad tokens or handshakes": (
      "RecommenderRPCTests/Security/AdmissionTests.swift",
      "addressWithBadTokensIsTurnedAwayAndOthersAreNot"
    ),
    "more than 65,536 requests, or 256 MiB of them, of all connections in flight": (
      "RecommenderRPCTests/Server/ServerLoadTests.swift", "requestsOfAllConnectionsAreCounted"
    ),
    "a frame of which a part is kept, over the same 256 MiB": (
      "RecommenderRPCTests/Server/ServerLoadTests.swift", "partsOfFramesAreCounted"
    ),
  ]

  @Test func everyRowHasATestAndEveryTestARow() throws {
    let rows = Set(try Self.rows().map(\.what))
    #expect(rows.count > 30)
    #expect(rows == Set(ViolationCases.all.keys).union(Self.elsewhere.keys))
    #expect(Set(ViolationCases.all.keys).isDisjoint(with: Self.elsewhere.keys))
    let tests = GoldenFrames.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Tests")
    for (row, (file, function)) in Self.elsewhere {
      let source = try String(contentsOf: tests.appendingPathComponent(file), encoding: .utf8)
      #expect(source.contains("func \(function)("), "\(row)")
    }
  }

  @Test(arguments: ViolationCases.all.keys.sorted())
  func theServerDoesWhatTheTableSays(row: String) throws {
    let written = try #require(try Self.rows().first { $0.what == row }?.reaction, "\(row)")
    let run = try #require(ViolationCases.all[row])
    let reactions = try run()
    #expect(!reactions.isEmpty)
    for reaction in reactions { #expect(reaction == written, "\(row)") }
  }

  @Test func reactionsAreReadFromTheirWords() {
    #expect(Reaction("ends with INVALID_ARGUMENT: an answer") == .ends("INVALID_ARGUMENT"))
    #expect(Reaction("sends its preface, ends with UNIMPLEMENTED") == .ends("UNIMPLEMENTED"))
    #expect(Reaction("answers OUT_OF_RANGE") == .answers("OUT_OF_RANGE"))
    #expect(Reaction("ignores it") == .ignores)
    #expect(Reaction("hopes") == nil)
  }
}
