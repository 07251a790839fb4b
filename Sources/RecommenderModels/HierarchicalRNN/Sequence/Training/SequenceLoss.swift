internal import LinearAlgebra

/// What training without a panel minimises; see ``HRNNConfiguration/loss``.
public enum SequenceLoss: String, CaseIterable, Sendable, Codable {
  /// ``softmax`` for a catalogue of at most ``fullSoftmaxItemLimit`` items, ``sampledSoftmax``
  /// above.
  case automatic
  /// Cross-entropy of a softmax over the whole catalogue.
  case softmax
  /// Cross-entropy over the batch's items and as many negatives as asked for; logits are corrected
  /// for how likely each item is to be among them (logQ).
  case sampledSoftmax = "sampled_softmax"
  /// BPR-max (Hidasi and Karatzoglou 2018, arXiv:1706.03847) over the same items.
  case bprMax = "bpr_max"

  /// The largest catalogue whose softmax is computed in full unless asked for otherwise.
  public static let fullSoftmaxItemLimit = 20_000

  /// The loss that is meant for a catalogue of this size.
  func resolved(items: Int) -> SequenceLoss {
    if self != .automatic { return self }
    return items <= Self.fullSoftmaxItemLimit ? .softmax : .sampledSoftmax
  }

  /// The weight of the negatives' squared scores in BPR-max.
  static let bprMaxRegularization: Float = 0.1

  /// The loss of one event; its logits become the gradient, times `scale`.
  func apply(
    _ logits: UnsafeMutablePointer<Float>, count: Int, target: Int, scale: Float
  ) -> Double {
    switch self {
    case .automatic, .softmax, .sampledSoftmax:
      Losses.softmax(logits: logits, count: count, target: target, scale: scale)
    case .bprMax:
      Losses.bprMax(
        logits: logits, count: count, target: target,
        regularization: Self.bprMaxRegularization, scale: scale)
    }
  }
}
