internal import ArgumentParser
internal import RecommenderRPC

/// `teller models`
struct ModelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "Change the models of a running server.",
    subcommands: [ReloadModelsCommand.self, RollBackModelsCommand.self])
}

/// `teller models reload`
struct ReloadModelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Put the newest models of its workspace in force.",
    discussion: """
      The server goes on answering, by the old models until the new ones are loaded, know of all \
      feedback and have scored every customer. SIGHUP does the same.

      Example:
        teller models reload --server 127.0.0.1:7001
      """)

  @OptionGroup var client: ClientOptions

  func run() async throws { try await ModelUpdateRun.carryOut(.reload, client) }
}

/// `teller models rollback`
struct RollBackModelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Put the models in force again that were before these.",
    discussion: """
      They know of all feedback, too. Once more puts those back that were rolled back; so does \
      'teller models reload'. A server that watches for new models leaves them alone, for as long as \
      it runs, until newer ones are there.

      Example:
        teller models rollback --server 127.0.0.1:7001
      """)

  @OptionGroup var client: ClientOptions

  func run() async throws { try await ModelUpdateRun.carryOut(.rollback, client) }
}

/// What both commands do.
private enum ModelUpdateRun {
  /// Loading takes its time: the shortest timeout there is for it.
  static let timeout = Duration.seconds(600)

  static func carryOut(_ update: ModelUpdate, _ client: ClientOptions) async throws {
    try await CommandFailure.report {
      let outcome = try await client.withClient {
        try await $0.updateModels(update, timeout: max(timeout, client.timeout))
      }
      let isSame = outcome.modelVersion == outcome.previousModelVersion
      CommandOutput.line(
        isSame
          ? "\(outcome.modelVersion) stays in force: nothing newer is there"
          : "\(outcome.modelVersion) is in force, in place of \(outcome.previousModelVersion)")
      if client.json {
        try CommandOutput.json([
          "model_version": outcome.modelVersion,
          "previous_model_version": outcome.previousModelVersion,
        ])
      }
    }
  }
}
