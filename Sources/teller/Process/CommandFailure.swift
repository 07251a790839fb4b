internal import ArgumentParser
internal import DatasetImport
internal import EventLog
internal import Experiments
internal import Exploration
internal import Foundation
internal import InteractionData
internal import OfflineEvaluation
internal import PrometheusExposition
internal import RecommenderModels
internal import RecommenderRPC
internal import RecommenderService
internal import TensorFiles

/// Runs a command and turns what it throws into one line on stderr and an exit code.
///
/// The codes are those of `sysexits.h`: 64 wrong use, 65 bad data, 66 no input, 69 no server,
/// 73 cannot write, 75 interrupted and to be gone on with, 77 not permitted, 70 anything else.
enum CommandFailure {
  static func report(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let error as ExitCode {
      throw error
    } catch let error as ValidationError {
      throw error
    } catch {
      CommandOutput.note("teller: \(message(error))")
      throw ExitCode(code(error))
    }
  }

  private static func message(_ error: any Error) -> String {
    // Foundation's own errors describe themselves for developers, not for users.
    type(of: error) == NSError.self || error is CocoaError
      ? error.localizedDescription : "\(error)"
  }

  private static func code(_ error: any Error) -> Int32 {
    switch error {
    case let error as ImportError: error.exitCode
    case let error as DatasetError:
      switch error {
      case .absent: 66
      case .unwritable: 73
      default: 65
      }
    case let error as ModelError:
      switch error {
      case .invalidSetting: 64
      case .noSuchModel, .noCheckpoint: 66
      case .interrupted: 75
      default: 65
      }
    case let error as EvaluationError:
      switch error {
      case .invalidK, .invalidOption, .unknownAttribute: 64
      case .unreadableFile: 66
      default: 65
      }
    case let error as ExperimentError:
      switch error {
      case .unreadable: 66
      default: 65
      }
    case is TensorFileError, is WorkspaceLock.Taken, is ScratchWorkspace.FolderExists: 73
    case is UnseparableItem, is LinePlayer.BadLine, is Simulation.Refused: 65
    case let error as SimulatedBank.BadTruth: error.line == 0 ? 66 : 65
    case is ExplorationError: 64
    case is TuningInterrupted: 75
    case is ExpositionError, is OpenFileLimit.TooLow: 69
    case let error as RPCError:
      switch error.code {
      case .unavailable: 69
      case .unauthenticated, .permissionDenied: 77
      default: 70
      }
    case let error as SecurityError:
      switch error {
      case .refused: 64
      case .unreadable: 66
      default: 65
      }
    case let error as EventLogError:
      switch error {
      case .unreadable, .unopenable: 66
      default: 73
      }
    case is BrokenChain: 65
    case let error as ServiceError:
      switch error {
      case .eventLog: 73
      default: 65
      }
    default: 70
    }
  }
}

extension ImportError {
  /// The exit code of this error.
  var exitCode: Int32 {
    switch self {
    case .noInput, .invalidOption: 64
    case .unreadable: 66
    case .unwritable: 73
    default: 65
    }
  }
}
