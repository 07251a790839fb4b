internal import ArgumentParser
internal import Foundation
internal import InteractionData
internal import LinearAlgebra
internal import RecommenderModels

/// The options of every command.
struct SharedOptions: ParsableArguments {
  @Option(help: "The folder that holds dataset, models and event log.")
  var workspace = "./teller-workspace"

  @Flag(help: "Print one JSON object as the last line of stdout.")
  var json = false

  /// The dataset's folder.
  var datasetFolder: String { "\(workspace)/dataset" }

  /// The models of the workspace.
  var models: ModelStore { ModelStore(folder: "\(workspace)/models") }

  /// Where the training of a network keeps what it has reached.
  var checkpointPath: String { "\(workspace)/checkpoints/hrnn.safetensors" }

  /// The file of the products that were put into the catalogue.
  var itemsPath: String { "\(workspace)/items.sqlite" }

  /// The event log's file.
  var eventLogPath: String { "\(workspace)/events.sqlite" }

  /// The file of what the event log had told.
  var eventCheckpointPath: String { "\(workspace)/events.checkpoint" }

  /// The file of the log of recommendations.
  var recommendationLogPath: String { "\(workspace)/recommendations.sqlite" }
}

/// The option of commands that compute.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: "Threads to use; the results are the same for any number. [default: all processors]")
  var threads: Int?

  /// The number of threads.
  var count: Int { threads ?? Parallel.processorCount }

  func validate() throws {
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads is \(threads), it must be from 1 to 256")
    }
  }
}
