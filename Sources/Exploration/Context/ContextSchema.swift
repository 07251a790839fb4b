/// The attributes that describe a customer to the exploration policy: how many, and how many values
/// each has.
///
/// Features are numbered once for all products: 0 is the bias, then comes one feature for each value
/// of each attribute. In a context exactly one feature of each attribute is 1, and the bias.
public struct ContextSchema: Sendable, Equatable {
  /// The most attributes.
  public static let attributeLimit = 16
  /// The most values of one attribute.
  public static let valueLimit = 64
  /// The most features in all: beliefs hold a number for each pair of them.
  public static let featureLimit = 256

  /// The number of values of each attribute.
  public let valueCounts: [Int]
  /// The number of features, the bias included.
  public let featureCount: Int
  private let offsets: [Int]

  /// Makes a schema.
  ///
  /// - Parameter valueCounts: the number of values of each attribute.
  /// - Throws: ``ExplorationError/invalidSchema(valueCounts:)``.
  public init(valueCounts: [Int]) throws(ExplorationError) {
    var offsets: [Int] = []
    var next = 1
    for count in valueCounts {
      offsets.append(next)
      next += max(0, min(count, Self.valueLimit + 1))
    }
    guard valueCounts.count <= Self.attributeLimit, next <= Self.featureLimit,
      valueCounts.allSatisfy({ (1...Self.valueLimit).contains($0) })
    else { throw .invalidSchema(valueCounts: valueCounts) }
    self.valueCounts = valueCounts
    self.offsets = offsets
    featureCount = next
  }

  /// Lists the features that are 1 in a context, ascending.
  ///
  /// - Parameters:
  ///   - context: the value of each attribute, from 0.
  ///   - features: emptied first.
  func activate(_ context: [UInt8], into features: inout [Int]) {
    features.removeAll(keepingCapacity: true)
    features.append(0)
    for (attribute, value) in context.enumerated() {
      features.append(offsets[attribute] + Int(value))
    }
  }

  /// Whether a context has one possible value for each attribute.
  public func accepts(_ context: [UInt8]) -> Bool {
    context.count == valueCounts.count
      && zip(context, valueCounts).allSatisfy { Int($0) < $1 }
  }
}
