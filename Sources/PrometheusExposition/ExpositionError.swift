/// Why metrics cannot be served.
public enum ExpositionError: Error, Equatable, CustomStringConvertible {
  /// The address cannot be listened on.
  case cannotListen(address: String, reason: String)

  /// One line that says what is wrong and how to mend it.
  public var description: String {
    switch self {
    case .cannotListen(let address, let reason):
      "cannot listen on \(address) for metrics: \(reason); give another --metrics-listen"
    }
  }
}
