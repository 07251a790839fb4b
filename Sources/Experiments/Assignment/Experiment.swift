internal import Digests

/// Customers parted at random, and for good, between two or more ways of being served.
///
/// Nothing is stored: the arm follows from the experiment's name and the customer's identifier, so
/// that every server, and any other program, comes to the same. With `h` the first eight bytes of
/// SHA-256 over the name, a zero byte and the identifier (all UTF-8), read as an unsigned integer,
/// most significant byte first, the customer has bucket `h mod Σ shares`; the first arm has the first
/// buckets, as many as its share, and so on. In Python:
///
/// ```python
/// h = int.from_bytes(hashlib.sha256(f"{name}\0{user_id}".encode()).digest()[:8], "big")
/// bucket = h % sum(shares)
/// ```
///
/// Another name is another split, independent of this one: customers of one experiment's arm do not
/// stay together in the next.
public struct Experiment: Sendable, Equatable {
  /// The most arms.
  public static let armLimit = 16
  /// The most that shares may sum to.
  public static let shareLimit = 1_000_000
  /// The longest name, in bytes.
  public static let nameByteLimit = 64

  /// One way of being served.
  public struct Arm: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Its part of the customers, relative to the sum over arms.
    public let share: Int
    /// The exploration weight of answers whose request names none, 0...1; nil leaves the server's.
    public let explorationWeight: Double?
    /// The recipe of the model that ranks for it; nil leaves the server's.
    public let model: String?

    /// Makes an arm.
    public init(
      name: String, share: Int, explorationWeight: Double? = nil, model: String? = nil
    ) {
      self.name = name
      self.share = share
      self.explorationWeight = explorationWeight
      self.model = model
    }
  }

  /// Its name; what parts the customers.
  public let name: String
  /// The arms; the first is what the others are compared with.
  public let arms: [Arm]
  /// When it begins, in milliseconds since 1970; nil for always.
  public let startMilliseconds: Int64?
  /// When it has ended, in milliseconds since 1970; nil for never.
  public let endMilliseconds: Int64?

  private let shareSum: UInt64
  /// What is hashed before a customer's identifier.
  private let hashedName: [UInt8]

  /// Makes an experiment; nil when ``fault(name:arms:startMilliseconds:endMilliseconds:)`` finds one.
  public init?(
    name: String, arms: [Arm], startMilliseconds: Int64? = nil, endMilliseconds: Int64? = nil
  ) {
    guard
      Self.fault(
        name: name, arms: arms, startMilliseconds: startMilliseconds,
        endMilliseconds: endMilliseconds) == nil
    else { return nil }
    self.name = name
    self.arms = arms
    self.startMilliseconds = startMilliseconds
    self.endMilliseconds = endMilliseconds
    shareSum = UInt64(arms.reduce(0) { $0 + $1.share })
    hashedName = Array(name.utf8) + [0]
  }

  /// The sum of all shares.
  public var totalShare: Int { Int(shareSum) }

  /// Whether a time lies within the experiment.
  public func isRunning(atMilliseconds time: Int64) -> Bool {
    (startMilliseconds ?? .min) <= time && time < (endMilliseconds ?? .max)
  }

  /// The place of a customer's arm among ``arms``.
  ///
  /// - Parameter userID: the customer's identifier, UTF-8.
  /// - Returns: the place, the same wherever and whenever it is asked for.
  public func armIndex(of userID: UnsafeRawBufferPointer) -> Int {
    var hasher = SHA256()
    hashedName.withUnsafeBytes { hasher.update($0) }
    hasher.update(userID)
    var bucket = Int(hasher.finalize().prefix % shareSum)
    for (place, arm) in arms.enumerated() {
      if bucket < arm.share { return place }
      bucket -= arm.share
    }
    preconditionFailure("bucket \(bucket) is beyond shares that sum to \(shareSum)")
  }

  /// The place of a customer's arm among ``arms``.
  public func armIndex(of userID: String) -> Int {
    var userID = userID
    return userID.withUTF8 { armIndex(of: UnsafeRawBufferPointer($0)) }
  }
}

extension Experiment {
  /// What is wrong with an experiment; nil when nothing is.
  static func fault(
    name: String, arms: [Arm], startMilliseconds: Int64?, endMilliseconds: Int64?
  ) -> String? {
    if let fault = fault(name, of: "name") { return fault }
    guard (2...armLimit).contains(arms.count) else {
      return "\(arms.count) arms; an experiment has 2 to \(armLimit)"
    }
    guard Set(arms.map(\.name)).count == arms.count else { return "two arms have the same name" }
    for (place, arm) in arms.enumerated() {
      if let fault = fault(arm.name, of: "arms.\(place).name") { return fault }
      guard (1...shareLimit).contains(arm.share) else {
        return "arms.\(place).share is \(arm.share); it is a whole number from 1 to \(shareLimit)"
      }
      if let model = arm.model, let fault = fault(model, of: "arms.\(place).model") {
        return fault
      }
      if let weight = arm.explorationWeight, !(0...1).contains(weight) {
        return "arms.\(place).exploration_weight is \(weight); it is from 0 to 1"
      }
    }
    let sum = arms.reduce(0) { $0 + $1.share }
    guard sum <= shareLimit else { return "shares sum to \(sum), at most \(shareLimit)" }
    if let startMilliseconds, let endMilliseconds, startMilliseconds >= endMilliseconds {
      return "end_ms is \(endMilliseconds), not after start_ms, \(startMilliseconds)"
    }
    return nil
  }

  private static func fault(_ name: String, of key: String) -> String? {
    let isPrintable = name.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    if (1...nameByteLimit).contains(name.utf8.count) && isPrintable { return nil }
    return "\(key) is \"\(name.debugDescription.dropFirst().dropLast())\"; it is 1 to "
      + "\(nameByteLimit) printable ASCII characters without spaces"
  }
}
