internal import ArgumentParser
internal import EventLog
internal import Foundation

/// `teller audit …`
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Check that the answers on record are those that were given.",
    subcommands: [AuditVerifyCommand.self])
}

/// The log of recommendations is not what was written.
struct BrokenChain: Error, CustomStringConvertible {
  let path: String
  let fault: RecommendationChain.Fault

  var description: String {
    let from = fault.recommendationID.isEmpty ? "" : ", from answer \(fault.recommendationID) on"
    return "\(path): block \(fault.sequence)\(from): \(fault.reason)"
  }
}

/// `teller audit verify`
struct AuditVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check the chain of hashes over the log of recommendations.",
    discussion: """
      Names the first block that was altered, taken out or put in. Note the head and the first \
      block it prints where whoever may write the log cannot. --head then proves that what was \
      written until then is still there, but for the oldest blocks, which retention takes; \
      --first-block proves that none of those went. What nobody can tell: whether blocks after the \
      head that was noted are a server's own. A server may run meanwhile.

      Examples:
        teller audit verify --first-block 1
        teller audit verify --head 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
      """)

  @OptionGroup var shared: SharedOptions

  @Option(help: "The head of an earlier check, which must be in the chain.")
  var head: String?

  @Option(help: "The first block of an earlier check, which must not be gone.")
  var firstBlock: Int64?

  func run() async throws {
    try await CommandFailure.report {
      let path = shared.recommendationLogPath
      guard FileManager.default.fileExists(atPath: path) else {
        throw EventLogError.unreadable(path: path, reason: "there is none yet")
      }
      // Opening it would make a new log of it.
      guard ["", "-wal"].contains(where: { Self.byteCount("\(path)\($0)") > 0 }) else {
        throw EventLogError.unreadable(path: path, reason: "the file is empty")
      }
      let chain = try SQLiteRecommendationStore(path: path).verify(
        expectedHead: head, expectedFirst: firstBlock)
      CommandOutput.line(
        """
        answers  \(CommandOutput.grouped(chain.recordCount))
        blocks   \(CommandOutput.grouped(chain.blockCount)) from \(chain.firstSequence) on
        head     \(chain.headHash.isEmpty ? "none yet" : chain.headHash)
        """)
      if shared.json {
        try CommandOutput.json([
          "answers": chain.recordCount, "blocks": chain.blockCount, "head": chain.headHash,
          "first_block": Int(chain.firstSequence), "intact": chain.fault == nil,
          "first_fault": chain.fault.map { Int($0.sequence) } ?? 0,
        ])
      }
      if let fault = chain.fault { throw BrokenChain(path: path, fault: fault) }
    }
  }

  private static func byteCount(_ path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
  }
}
