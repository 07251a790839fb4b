/// What a caller may do: a set of roles. No role includes another; a token may have several.
public struct Roles: OptionSet, Hashable, Sendable, CustomStringConvertible {
  /// One bit for each role.
  public let rawValue: UInt8

  /// Makes a set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Ask for recommendations, lists and past answers.
  public static let read = Roles(rawValue: 1 << 0)
  /// Report what customers did.
  public static let feedback = Roles(rawValue: 1 << 1)
  /// Change products and customers.
  public static let catalogue = Roles(rawValue: 1 << 2)
  /// Operate the server; call what this version does not know.
  public static let admin = Roles(rawValue: 1 << 3)

  /// The bit of everybody whose token is good, whatever its roles.
  static let known = Roles(rawValue: 1 << 7)
  /// May call everything.
  static let everything = Roles(rawValue: 0xFF)

  /// Every role a token can have, with its name.
  public static let named: [(name: String, role: Roles)] = [
    ("read", .read), ("feedback", .feedback), ("catalogue", .catalogue), ("admin", .admin),
  ]

  /// Reads names parted by commas; nil when one is not known or there is none.
  public init?(names: String) {
    var roles: Roles = []
    for name in names.split(separator: ",", omittingEmptySubsequences: false) {
      guard let found = Roles.named.first(where: { $0.name == name }) else { return nil }
      roles.formUnion(found.role)
    }
    self = roles
  }

  /// The names, parted by commas.
  public var description: String {
    Roles.named.filter { contains($0.role) }.map(\.name).joined(separator: ",")
  }
}

/// Which role each method needs. The only place that says so.
enum MethodAccess {
  /// What a caller must have for a method, by its number on the wire. Numbers are looked up whether
  /// this version knows the method or not, so that a method added later is closed until it is named
  /// here: whatever is not named needs `admin`.
  static func needed(for method: UInt16) -> Roles {
    switch method {
    // Recommend, SimilarItems, Describe; ranking of given items; recommendations for many customers.
    case 1, 2, 5, 6, 10: .read
    // Past answers: which customer was shown what.
    case 11, 12: .read
    case 3: .feedback
    // Whoever is known may ask whether the server is well.
    case 4: .known
    // Items and users (put).
    case 7, 8: .catalogue
    default: .admin
    }
  }
}
