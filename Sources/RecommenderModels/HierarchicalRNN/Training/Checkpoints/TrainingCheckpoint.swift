internal import Foundation
internal import TensorFiles

/// A training as it stands between two steps of the optimiser.
struct TrainingCheckpoint {
  /// One run of the training loop: a network of several, say.
  struct Stage: Codable, Equatable {
    /// The sums of the epoch under way, and the steps made.
    var sums: TrainingSums
    /// Where early stopping stands.
    var selection: EpochSelection
    /// How it went; nil while it is under way.
    var outcome: TrainingOutcome?
  }

  /// The numbers that stand beside a stage, as tensors.
  struct Numbers {
    var parameters: Column<Float>
    /// AdamW's moments; empty once the stage is finished.
    var firstMoment = Column<Float>([])
    var secondMoment = Column<Float>([])
    /// The weights of the best epoch so far; empty when none is kept.
    var best = Column<Float>([])
  }

  private struct Description: Codable {
    var identity: TrainingIdentity
    var stages: [Stage]
  }

  var identity: TrainingIdentity
  /// Finished ones, then at most one under way.
  var stages: [Stage] = []
  var numbers: [Numbers] = []

  private static let metadataKey = "training"

  init(identity: TrainingIdentity) { self.identity = identity }

  /// Reads a file, every checksum included.
  ///
  /// - Throws: ``ModelError/noCheckpoint(path:)``,
  ///   ``ModelError/unusableCheckpoint(path:reason:)``.
  init(path: String) throws(ModelError) {
    guard CheckpointPlan.exists(at: path) else { throw .noCheckpoint(path: path) }
    do {
      let file = try SafetensorsFile(path: path)
      try file.verifyChecksums()
      let text = file.metadata[Self.metadataKey] ?? ""
      guard file.metadata["crc32"] == Self.checksum(text),
        let value = try? JSONDecoder().decode(Description.self, from: Data(text.utf8))
      else { throw ModelError.unusableCheckpoint(path: path, reason: "its description is damaged") }
      identity = value.identity
      stages = value.stages
      numbers = try stages.indices.map { stage in
        func column(_ name: String) throws -> Column<Float> {
          try file.column(Self.name(stage, name), as: Float.self)
        }
        return Numbers(
          parameters: try column("parameters"), firstMoment: try column("first_moment"),
          secondMoment: try column("second_moment"), best: try column("best"))
      }
    } catch let error as TensorFileError {
      throw .unusableCheckpoint(path: path, reason: error.description)
    } catch let error as ModelError {
      throw error
    } catch {
      throw .unusableCheckpoint(path: path, reason: "\(error)")
    }
  }

  /// Replaces the file in one step.
  ///
  /// - Throws: ``ModelError/file(_:)``.
  func write(path: String) throws(ModelError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    do {
      let description = try encoder.encode(Description(identity: identity, stages: stages))
      let text = String(decoding: description, as: UTF8.self)
      var writer = SafetensorsWriter(
        metadata: [Self.metadataKey: text, "crc32": Self.checksum(text)])
      for (stage, numbers) in numbers.enumerated() {
        writer.add(Self.name(stage, "parameters"), numbers.parameters)
        writer.add(Self.name(stage, "first_moment"), numbers.firstMoment)
        writer.add(Self.name(stage, "second_moment"), numbers.secondMoment)
        writer.add(Self.name(stage, "best"), numbers.best)
      }
      let folder = (path as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(
        atPath: folder.isEmpty ? "." : folder, withIntermediateDirectories: true)
      try writer.write(to: path)
    } catch let error as TensorFileError {
      throw .file(error)
    } catch {
      throw .file(.unwritable(path: path, reason: error.localizedDescription))
    }
  }

  private static func name(_ stage: Int, _ tensor: String) -> String { "stage.\(stage).\(tensor)" }

  private static func checksum(_ text: String) -> String {
    var text = text
    return text.withUTF8 { Checksum.text(Checksum.crc32(UnsafeRawBufferPointer($0))) }
  }
}
