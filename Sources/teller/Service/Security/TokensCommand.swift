public import ArgumentParser
public import RecommenderRPC

/// `teller tokens …`
struct TokensCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokens",
    abstract: "Make the tokens by which a server knows its clients.",
    discussion: """
      Example:
        teller tokens new --name marketing --roles read,feedback
      """,
    subcommands: [NewTokenCommand.self])
}

/// `teller tokens new`
struct NewTokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Draw a token; print it, once, and its line for the server's file.",
    discussion: """
      The line holds a hash of the token: whoever reads the file cannot call the server. The token \
      goes to the client, into a file that only it can read. Roles are some of read, feedback, \
      catalogue and admin; none includes another.

      Example:
        teller tokens new --name marketing --roles read,feedback
      Then, with the line appended to tokens.txt:
        teller serve --tokens tokens.txt
        teller recommend --token-file marketing.token --user 15889
      A server that runs reads its file anew on SIGHUP.
      """)

  @Option(help: "Who will hold it: 1 to 64 of the characters A-Z a-z 0-9 . _ -")
  var name: String

  @Option(help: "What it may do, parted by commas.")
  var roles: Roles

  @Flag(help: "Print one JSON object as the last line of stdout.")
  var json = false

  func run() async throws {
    try await CommandFailure.report {
      var generator = SystemRandomNumberGenerator()
      let token = BearerToken.generate(using: &generator)
      let line = try token.line(name: name, roles: roles)
      CommandOutput.line("token  \(token.text)")
      CommandOutput.line("line   \(line)")
      if json { try CommandOutput.json(["token": token.text, "line": line]) }
    }
  }
}

extension Roles: ExpressibleByArgument {
  /// Reads names parted by commas.
  public init?(argument: String) { self.init(names: argument) }

  /// The names as they are typed.
  public var defaultValueDescription: String { description }
}
