internal import CVectorKernels

/// Losses of one row of logits and their gradients.
public enum Losses {
  /// The most items a row of ``hazard(logits:count:held:taken:rankingWeight:hazardWeight:scale:gradient:)``
  /// can have: sets of items are the bits of one word.
  public static let hazardItemLimit = 64

  /// Softmax cross-entropy over the items taken, plus binary cross-entropy over all not held.
  ///
  /// Held items take no part and get no gradient.
  ///
  /// - Parameters:
  ///   - logits: `[count]`.
  ///   - count: the number of items, at most ``hazardItemLimit``.
  ///   - held: bit `i` is set when item `i` was held.
  ///   - taken: bit `i` is set when item `i` was taken; held ones are ignored.
  ///   - rankingWeight: the weight of the softmax cross-entropy.
  ///   - hazardWeight: the weight of the binary cross-entropy.
  ///   - scale: a factor of the gradient.
  ///   - gradient: `[count]`; every element is written.
  /// - Returns: the loss, without the scale.
  public static func hazard(
    logits: UnsafePointer<Float>, count: Int, held: UInt64, taken: UInt64,
    rankingWeight: Float, hazardWeight: Float, scale: Float,
    gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    CVectorKernels_hazard_loss(
      count, logits, held, taken, rankingWeight, hazardWeight, scale, gradient)
  }

  /// Softmax cross-entropy against one target; the logits become the gradient, times `scale`.
  public static func softmax(
    logits: UnsafeMutablePointer<Float>, count: Int, target: Int, scale: Float
  ) -> Double {
    CVectorKernels_softmax_loss(count, target, scale, logits)
  }

  /// BPR-max (Hidasi and Karatzoglou 2018, arXiv:1706.03847) against one target, all others being
  /// its negatives; the logits become the gradient, times `scale`.
  ///
  /// - Parameters:
  ///   - logits: `[count]`.
  ///   - count: the number of items.
  ///   - target: the item that came.
  ///   - regularization: the weight of the negatives' squared scores.
  ///   - scale: a factor of the gradient.
  /// - Returns: the loss, without the scale.
  public static func bprMax(
    logits: UnsafeMutablePointer<Float>, count: Int, target: Int, regularization: Float,
    scale: Float
  ) -> Double {
    CVectorKernels_bpr_max_loss(count, target, regularization, scale, logits)
  }
}
