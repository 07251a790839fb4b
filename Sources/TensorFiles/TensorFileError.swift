/// What can be wrong with a file of tensors, or with writing one.
public enum TensorFileError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be opened, mapped or read.
  case unreadable(path: String, reason: String)
  /// The file cannot be written; nothing that was there before is changed.
  case unwritable(path: String, reason: String)
  /// The file is not in the safetensors layout, or is cut short.
  case malformed(path: String, reason: String)
  /// A tensor is absent.
  case missingTensor(path: String, name: String)
  /// A tensor is there with another element type or shape than its reader needs.
  case unexpectedTensor(path: String, name: String, found: String, expected: String)
  /// A tensor's bytes do not give the checksum recorded beside them.
  case checksumMismatch(path: String, name: String)

  /// One line that says what is wrong and with which file.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .malformed(let path, let reason): "\(path): not a usable safetensors file: \(reason)"
    case .missingTensor(let path, let name): "\(path): has no tensor \"\(name)\""
    case .unexpectedTensor(let path, let name, let found, let expected):
      "\(path): tensor \"\(name)\" is \(found), expected \(expected)"
    case .checksumMismatch(let path, let name):
      "\(path): tensor \"\(name)\" is damaged: its checksum does not match"
    }
  }
}
