internal import ArgumentParser
internal import RecommenderRPC

/// `teller items`
struct ItemsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "items", abstract: "Change the catalogue of a server.",
    subcommands: [PutItemsCommand.self])
}

/// `teller items put`
struct PutItemsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "put",
    abstract: "Put a product into a server's catalogue, to be explored at once.",
    discussion: """
      A product that is there already is described anew.

      Example:
        teller items put --item green_loan --name "Green loan" --category loan \\
          --attribute channel=mobile
      """)

  @OptionGroup var client: ClientOptions

  @Option(help: "The product.")
  var item: String

  @Option(help: "The name to show; the identifier when not given.")
  var name = ""

  @Option(help: "What kind of product it is; several kinds are set apart by |.")
  var category = ""

  @Option(help: "Its price.")
  var price: Double?

  @Option(
    help: "What else is known, as NAME=VALUE; may be given several times.",
    transform: AttributeArgument.parse)
  var attribute: [PutItem.Attribute] = []

  @Option(help: "When it came into the catalogue, in milliseconds since 1970; now when not given.")
  var createdTimeMs: Int64 = 0

  func run() async throws {
    try await CommandFailure.report {
      let product = PutItem(
        itemID: item, name: name, category: category, price: price, attributes: attribute,
        createdMilliseconds: createdTimeMs)
      let outcomes = try await client.withClient {
        try await $0.putItems([product], timeout: client.timeout)
      }
      let described = outcomes.map(\.described)
      for outcome in described {
        CommandOutput.line(
          [outcome.name.lowercased(), outcome.reason].filter { !$0.isEmpty }
            .joined(separator: ": "))
      }
      if client.json {
        try CommandOutput.json([
          "outcomes": described.map(\.name), "reasons": described.map(\.reason),
          "item_indexes": described.map { Int($0.index) },
        ])
      }
      if described.contains(where: { $0.name == "REJECTED" }) { throw ExitCode(65) }
    }
  }
}

/// Reads `NAME=VALUE`.
enum AttributeArgument {
  static func parse(_ text: String) throws -> PutItem.Attribute {
    guard let sign = text.firstIndex(of: "="), sign != text.startIndex,
      text.index(after: sign) != text.endIndex
    else { throw ValidationError("an attribute is given as NAME=VALUE, not \"\(text)\"") }
    return PutItem.Attribute(
      key: String(text[..<sign]), value: String(text[text.index(after: sign)...]))
  }
}

extension PutItemOutcome {
  /// The outcome's name in the protocol, its reason (empty unless rejected) and the item's place.
  fileprivate var described: (name: String, reason: String, index: UInt32) {
    switch self {
    case .created(let index): ("CREATED", "", index)
    case .updated(let index): ("UPDATED", "", index)
    case .rejected(let reason): ("REJECTED", reason, 0)
    }
  }
}
