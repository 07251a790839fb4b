public import TensorFiles

/// What can go wrong when a model is trained, stored or loaded.
public enum ModelError: Error, Equatable, CustomStringConvertible {
  /// A file of the model cannot be used.
  case file(TensorFileError)
  /// The manifest is absent or cannot be read.
  case unreadableManifest(path: String, reason: String)
  /// No model of this name is in the store.
  case noSuchModel(name: String, available: [String])
  /// A setting is missing from the manifest or outside its range.
  case invalidSetting(name: String, value: String, expected: String)
  /// The model was trained on another catalogue.
  case catalogueMismatch(model: String, modelItems: Int, datasetItems: Int)
  /// The dataset does not hold what the recipe needs.
  case unsuitableDataset(kind: RecommenderKind, reason: String)
  /// The loss became infinite or no number; no model was written.
  case diverged(epoch: Int, step: Int)
  /// The caller asked for an end; no model was written.
  case cancelled(epoch: Int, step: Int)
  /// The caller asked for an end; a checkpoint was written.
  case interrupted(epoch: Int, step: Int, checkpoint: String)
  /// There is no training to go on with.
  case noCheckpoint(path: String)
  /// A checkpoint is damaged, or of another network.
  case unusableCheckpoint(path: String, reason: String)
  /// A checkpoint is of a training with another dataset, seed or setting.
  case otherCheckpoint(path: String, difference: String)

  /// One line that says what is wrong and how to mend it.
  public var description: String {
    switch self {
    case .file(let error): "\(error); train the model anew with 'teller train'"
    case .unreadableManifest(let path, let reason):
      "\(path): \(reason); train the model anew with 'teller train'"
    case .noSuchModel(let name, let available):
      available.isEmpty
        ? "no model \"\(name)\": there is none yet, make one with 'teller train'"
        : "no model \"\(name)\"; there are: \(available.joined(separator: ", "))"
    case .invalidSetting(let name, let value, let expected):
      "\(name) is \(value), it must be \(expected)"
    case .catalogueMismatch(let model, let modelItems, let datasetItems):
      "model \(model) knows another catalogue (\(modelItems) items) than the dataset "
        + "(\(datasetItems)); train it anew with 'teller train'"
    case .unsuitableDataset(let kind, let reason): "\(kind.rawValue) cannot be trained: \(reason)"
    case .diverged(let epoch, let step):
      "training diverged in epoch \(epoch), step \(step): lower --learning-rate"
    case .cancelled(let epoch, let step):
      "training was cancelled in epoch \(epoch), step \(step); no model was written"
    case .interrupted(let epoch, let step, let checkpoint):
      "training stopped in epoch \(epoch), step \(step), and is kept in \(checkpoint): "
        + "'teller train hrnn --resume' goes on with it"
    case .noCheckpoint(let path):
      "\(path): there is no training to go on with; leave --resume out"
    case .unusableCheckpoint(let path, let reason):
      "\(path): the checkpoint cannot be used: \(reason); train anew without --resume"
    case .otherCheckpoint(let path, let difference):
      "\(path): the checkpoint is of another training: \(difference); "
        + "give the options it had, or train anew without --resume"
    }
  }
}
