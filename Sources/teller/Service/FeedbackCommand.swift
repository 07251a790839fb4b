public import ArgumentParser
internal import Foundation
public import RecommenderRPC

/// `teller feedback`
struct FeedbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feedback",
    abstract: "Tell a server what a customer did with an item.",
    discussion: """
      The event is on disk when the command ends. Sending the same --event-id again changes nothing.

      Example:
        teller feedback --user 15889 --item ind_tjcr_fin_ult1 --type accepted
      """)

  @OptionGroup var client: ClientOptions

  @Option(help: "The customer.")
  var user: String

  @Option(help: "The item.")
  var item: String

  @Option(help: "shown, clicked, accepted, dismissed or dropped.")
  var type: FeedbackEventType

  @Option(help: "The event's name, so that it counts once. [default: a new one]")
  var eventID: String?

  @Option(help: "When it happened, in milliseconds since 1970. [default: now]")
  var timeMs: Int64 = 0

  @Option(help: "The answer that showed the item.")
  var recommendationID = ""

  @Option(help: "The channel, such as branch or mobile.")
  var channel = ""

  func run() async throws {
    try await CommandFailure.report {
      let event = FeedbackEvent(
        eventID: eventID ?? UUID().uuidString.lowercased(), userID: user, itemID: item,
        type: type, timeMilliseconds: timeMs, recommendationID: recommendationID,
        channel: channel)
      let outcomes = try await client.withClient {
        try await $0.feedback([event], timeout: client.timeout)
      }
      let described = outcomes.map(\.described)
      for event in described {
        CommandOutput.line(
          [event.outcome.lowercased(), event.reason].filter { !$0.isEmpty }.joined(separator: ": "))
      }
      if client.json {
        try CommandOutput.json([
          "outcomes": described.map(\.outcome), "reasons": described.map(\.reason),
        ])
      }
      if outcomes.contains(where: \.isRejected) { throw ExitCode(65) }
    }
  }
}

extension FeedbackEventType: ExpressibleByArgument {
  /// Reads a type by its name in the protocol, in lower case.
  public init?(argument: String) {
    guard let type = Self.allCases.first(where: { "\($0)" == argument }) else { return nil }
    self = type
  }

  /// The name as it is typed.
  public var defaultValueDescription: String { "\(self)" }
  /// All names, for help and completion.
  public static var allValueStrings: [String] { allCases.map { "\($0)" } }
}

extension FeedbackOutcome {
  /// The outcome's name in the protocol and its reason, empty unless rejected.
  fileprivate var described: (outcome: String, reason: String) {
    switch self {
    case .accepted: ("ACCEPTED", "")
    case .duplicate: ("DUPLICATE", "")
    case .rejected(let reason): ("REJECTED", reason)
    }
  }

  fileprivate var isRejected: Bool {
    if case .rejected = self { true } else { false }
  }
}
