/// What a customer did with a product that was shown.
public enum Response: Int8, Sendable {
  /// Saw it and refused it.
  case dismissed = -1
  /// Nothing: refused, or not seen.
  case none = 0
  /// Took it.
  case accepted = 1
}
