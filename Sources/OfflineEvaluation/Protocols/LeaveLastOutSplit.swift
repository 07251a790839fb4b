internal import Foundation
public import InteractionData
internal import TensorFiles

extension EvaluationSplit {
  /// Holds out each customer's newest positive interaction; items the customer had before are left
  /// out of the ranking, also where a line of negatives names them. Customers with fewer than two
  /// positive interactions, and those who had the newest item before, are not evaluated.
  ///
  /// - Parameters:
  ///   - dataset: the dataset to split.
  ///   - negativesFile: lines of a customer and items, parted by spaces: only these and the item
  ///     held out are ranked, and customers without a line are left out. nil ranks all items.
  /// - Returns: the split; every model must be trained on its ``training``.
  /// - Throws: ``EvaluationError/nobodyToEvaluate(reason:)``, and for the file
  ///   ``EvaluationError/unreadableFile(path:)``,
  ///   ``EvaluationError/unknownItem(path:line:item:others:)``,
  ///   ``EvaluationError/unknownCustomer(path:line:customer:)``.
  public static func leaveLastOut(
    of dataset: Dataset, negativesFile: String? = nil
  ) throws(EvaluationError) -> EvaluationSplit {
    let (remaining, heldOut) = dataset.leavingLastOut()
    let positive = dataset.interactions.positiveEventTypes
    let negatives = try negativesFile.map { path throws(EvaluationError) in
      try Self.negatives(path, dataset)
    }
    var relevant: [(customer: UInt32, items: [UInt32])] = []
    var candidates: [[UInt32]] = []
    var leftOut: [Exclusion.Reason: Int] = [:]
    for (customer, item) in heldOut.enumerated() {
      guard let item else {
        leftOut[.tooLittleHistory, default: 0] += 1
        continue
      }
      // An item the customer had before would be left out of the ranking: nothing to find.
      let seenBefore = remaining.interactions.rows(of: customer).contains {
        remaining.interactions.itemIndexes[$0] == item
          && positive[Int(remaining.interactions.eventTypes[$0])]
      }
      if seenBefore {
        leftOut[.hadBefore, default: 0] += 1
        continue
      }
      if let negatives {
        guard let list = negatives[customer] else {
          leftOut[.noNegatives, default: 0] += 1
          continue
        }
        candidates.append(list.contains(item) ? list : list + [item])
      }
      relevant.append((UInt32(customer), [item]))
    }
    guard !relevant.isEmpty, let last = dataset.lastMonth else {
      throw .nobodyToEvaluate(
        reason: leftOut[.noNegatives] == nil
          ? "no customer has two different items"
          : "the negatives file has no line for a customer with two different items")
    }
    return EvaluationSplit(
      name: "leave-last-out", training: remaining, targetMonth: last, eligibility: .twinsOnly,
      relevant: relevant, candidates: negatives == nil ? nil : candidates,
      leftOut: leftOut)
  }

  private static func negatives(
    _ path: String, _ dataset: Dataset
  ) throws(EvaluationError) -> [Int: [UInt32]] {
    let file = try EvaluationFile(path: path)
    var negatives: [Int: [UInt32]] = [:]
    // A list without its unknown items would be easier than it says: all are counted, none taken.
    var unknown: [(line: Int, item: String)] = []
    for (line, text) in file.lines {
      let words = text.split(whereSeparator: \.isWhitespace)
      guard words.count >= 2 else {
        throw .malformedLine(
          path: path, line: line, reason: "expected a customer and items, parted by spaces")
      }
      let customer = try file.customer(words[0], line: line, in: dataset)
      guard negatives[customer] == nil else {
        throw .malformedLine(
          path: path, line: line, reason: "customer \"\(words[0])\" has a line already")
      }
      var items: [UInt32] = []
      for word in words.dropFirst() {
        if let item = dataset.items.identifiers.index(of: String(word)) {
          items.append(UInt32(item))
        } else {
          unknown.append((line, String(word)))
        }
      }
      negatives[customer] = Array(Set(items)).sorted()
    }
    if let first = unknown.first {
      throw .unknownItem(
        path: path, line: first.line, item: first.item, others: unknown.count - 1)
    }
    return negatives
  }
}
