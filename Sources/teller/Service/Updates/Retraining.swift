internal import EventLog
internal import Foundation
internal import InteractionData
internal import Logging
internal import RecommenderModels

/// Trains models anew on what has changed since, with the seed and the settings each has.
///
/// What is trained on is the workspace's dataset as it is then, and for the network what customers
/// have taken and given up since, as the event log tells; the other models follow the log while they
/// serve, so feedback would count twice. What has not changed gives models that are the same, to the
/// byte; then nothing is trained.
struct Retraining: Sendable {
  /// How much less urgent the training is than the server, as `nice` counts.
  private static let niceness = 10

  let workspace: String
  let datasetFolder: String
  let store: ModelStore
  let eventLogPath: String

  /// Trains whatever is older than the dataset, or than feedback it is trained on.
  ///
  /// - Returns: whether something was trained.
  func run(_ logger: Logger) async -> Bool {
    var isNew = false
    do {
      let checksum = try DatasetFile.open(datasetFolder).checksum
      for kind in RecommenderKind.allCases {
        guard let version = store.latest(kind) else { continue }
        let manifest = try store.open(version).manifest
        let isBehind =
          try kind == .hrnn
          && SQLiteEventStore(path: eventLogPath).hasHoldingChanges(
            after: manifest.eventsThrough ?? 0)
        guard isBehind || manifest.datasetChecksum != checksum else { continue }
        logger.info("training", metadata: ["recipe": "\(kind.rawValue)", "like": "\(version)"])
        let (code, errors) = try await Self.run(arguments(manifest))
        if Task.isCancelled { return false }
        if code == 0 {
          isNew = true
          logger.info(
            "trained",
            metadata: [
              "recipe": "\(kind.rawValue)", "version": "\(store.latest(kind) ?? "")",
            ])
        } else {
          logger.error(
            "training failed",
            metadata: [
              "recipe": "\(kind.rawValue)", "exit_code": "\(code)", "reason": "\(errors)",
            ])
        }
      }
      if !isNew { logger.info("nothing to train") }
    } catch {
      logger.error("training failed", metadata: ["reason": "\(error)"])
    }
    return isNew
  }

  /// What trains a model like the one described.
  func arguments(_ manifest: ModelManifest) -> [String] {
    ["train", manifest.kind.rawValue, "--workspace", workspace, "--seed", "\(manifest.seed)"]
      + (manifest.kind == .hrnn ? ["--feedback"] : [])
      + manifest.configuration.sorted { $0.key < $1.key }.map {
        "--\($0.key.replacing("_", with: "-"))=\($0.value)"
      }
  }

  /// Runs this program to its end, or until the task is cancelled; the code it ended with, and the
  /// last it said.
  private static func run(_ arguments: [String]) async throws -> (code: Int32, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    process.arguments = ["nice", "-n", "\(niceness)", program] + arguments
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        do {
          try process.run()
        } catch {
          continuation.resume(throwing: error)
          return
        }
        Thread.detachNewThread {
          let text = errors.fileHandleForReading.readDataToEndOfFile()
          process.waitUntilExit()
          let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
          continuation.resume(
            returning: (process.terminationStatus, String(lines.last ?? "")))
        }
      }
    } onCancel: {
      if process.isRunning { process.terminate() }
    }
  }
}
