/// Why a server's or client's security could not be set up: one line, with the mend.
public enum SecurityError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file that was named cannot be read.
  case unreadable(path: String, reason: String)
  /// A line of a token file does not say what it must; lines count from 1.
  case invalidTokenLine(path: String, line: Int, reason: String)
  /// A token file as a whole is not usable.
  case invalidTokenFile(path: String, reason: String)
  /// A certificate, a key or an authority is not usable.
  case invalidCertificate(path: String, reason: String)
  /// An option or an address is not acceptable as it stands.
  case refused(reason: String)

  /// One line.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): \(reason)"
    case .invalidTokenLine(let path, let line, let reason): "\(path):\(line): \(reason)"
    case .invalidTokenFile(let path, let reason): "\(path): \(reason)"
    case .invalidCertificate(let path, let reason): "\(path): \(reason)"
    case .refused(let reason): reason
    }
  }
}
