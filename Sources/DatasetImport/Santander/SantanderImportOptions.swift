internal import Foundation
public import InteractionData

/// How to read a panel.
public struct SantanderImportOptions: Sendable {
  /// The most threads that can be asked for.
  public static let threadLimit = 64

  /// The last month that counts; rows of later months are ignored. Nil takes them all.
  public var until: Month?
  /// The share of rows, 0 to 1, that may be rejected before the import fails.
  public var maximumRejectedShare: Double
  /// The number of threads that parse, 1 to ``threadLimit``; the dataset does not depend on it.
  public var threadCount: Int
  /// The bytes a thread reads at a time; the dataset does not depend on it.
  var blockSize = 1 << 20
  /// The most categories of an attribute.
  var categoryLimit = AttributeColumn.categoryLimit

  /// Makes options; without a number of threads there is one for each core.
  public init(
    until: Month? = nil, maximumRejectedShare: Double = 0.001, threadCount: Int? = nil
  ) {
    self.until = until
    self.maximumRejectedShare = maximumRejectedShare
    self.threadCount =
      threadCount ?? min(ProcessInfo.processInfo.activeProcessorCount, Self.threadLimit)
  }

  func validate() throws(ImportError) {
    guard (1...Self.threadLimit).contains(threadCount) else {
      throw .invalidOption(
        name: "the number of threads", actual: String(threadCount),
        range: "1 to \(Self.threadLimit)")
    }
    guard (0...1).contains(maximumRejectedShare) else {
      throw .invalidOption(
        name: "the share of rejected rows", actual: String(maximumRejectedShare), range: "0 to 1")
    }
  }
}
