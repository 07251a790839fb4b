internal import CVectorKernels

/// Picks the best few of many scores.
public enum TopK {
  /// Writes the indexes of the largest scores, best first, and returns how many there are.
  ///
  /// Ties go to the lower index. A score that is not a number, or minus infinity, is never picked:
  /// minus infinity is how callers mask an item. A bank's few dozen scores are compared each with
  /// each; more go through a bounded insertion sort, which beats a heap with k of at most some tens.
  /// Neither allocates.
  ///
  /// - Parameters:
  ///   - scores: the scores. `[items]`
  ///   - indexes: where the picked indexes go; its size is k.
  /// - Returns: the number of indexes written, at most k.
  public static func select(
    _ scores: UnsafeBufferPointer<Float>, into indexes: UnsafeMutableBufferPointer<UInt32>
  ) -> Int {
    let limit = indexes.count
    if limit == 0 { return 0 }
    if scores.count <= CVectorKernels_ranking_limit, let base = indexes.baseAddress,
      let first = scores.baseAddress
    {
      return CVectorKernels_best(scores.count, first, limit, base)
    }
    var count = 0
    var worst = -Float.infinity
    for index in 0..<scores.count {
      let score = scores[index]
      guard score > worst || (count < limit && score > -.infinity) else { continue }
      var position = count < limit ? count : limit - 1
      while position > 0 && scores[Int(indexes[position - 1])] < score {
        indexes[position] = indexes[position - 1]
        position -= 1
      }
      indexes[position] = UInt32(index)
      if count < limit { count += 1 }
      if count == limit { worst = scores[Int(indexes[limit - 1])] }
    }
    return count
  }
}
