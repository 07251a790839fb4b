public import TensorFiles

/// What can be wrong with a dataset on disk.
public enum DatasetError: Error, Equatable, CustomStringConvertible {
  /// The workspace holds no dataset.
  case absent(folder: String)
  /// The description cannot be read.
  case unreadableDescription(path: String, reason: String)
  /// The dataset was written by another version of the format.
  case unsupportedFormat(path: String, found: Int, supported: Int)
  /// The tensors are not the ones the description speaks of.
  case foreignTensors(path: String)
  /// The tensor file cannot be used.
  case file(TensorFileError)
  /// The dataset cannot be written; an earlier one is unchanged.
  case unwritable(path: String, reason: String)

  /// One line that says what is wrong and how to mend it.
  public var description: String {
    switch self {
    case .absent(let folder): "\(folder): there is no dataset; make one with 'teller import'"
    case .unreadableDescription(let path, let reason):
      "\(path): not a dataset's description: \(reason); import the data anew"
    case .unsupportedFormat(let path, let found, let supported):
      "\(path): dataset format \(found), this program reads \(supported); import the data anew"
    case .foreignTensors(let path):
      "\(path): not the file its description speaks of; import the data anew"
    case .file(let error): "\(error); import the data anew"
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    }
  }
}
