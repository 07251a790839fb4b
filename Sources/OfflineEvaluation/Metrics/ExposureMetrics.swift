internal import Foundation

/// Metrics of how often each item was shown, over all evaluated customers' first k places.
public enum ExposureMetrics {
  /// Coverage: items shown to anyone, divided by the items of the catalogue. In [0, 1]; 0 for an
  /// empty catalogue.
  public static func coverage(_ exposures: [Int]) -> Double {
    exposures.isEmpty ? 0 : Double(exposures.count { $0 > 0 }) / Double(exposures.count)
  }

  /// The Gini index of exposure over the whole catalogue: with exposures sorted ascending
  /// `x_1 … x_n`, `Σ (2i - n - 1)·x_i / (n · Σ x_i)`. 0 when all items are shown equally often,
  /// `(n - 1)/n` when only one is; 0 when nothing is shown. Equal exposures may stand in any order.
  public static func gini(_ exposures: [Int]) -> Double {
    let total = exposures.reduce(0, +)
    guard total > 0 else { return 0 }
    let count = exposures.count
    var sum = 0.0
    for (index, exposure) in exposures.sorted().enumerated() {
      sum += Double(2 * (index + 1) - count - 1) * Double(exposure)
    }
    return sum / (Double(count) * Double(total))
  }

  /// Novelty: the mean self-information of what is shown, in bits, `Σ x_i · -log2(p_i) / Σ x_i`,
  /// where `p_i = (n_i + 1)/(N + 1)`, `n_i` of the `N` customers having had item `i` in training
  /// (Zhou et al. 2010, doi:10.1073/pnas.1000488107; one is added so that items nobody had stay
  /// finite). 0 when nothing is shown.
  public static func novelty(
    _ exposures: [Int], customersWithItem: [Int], customerCount: Int
  ) -> Double {
    let total = exposures.reduce(0, +)
    guard total > 0 else { return 0 }
    var bits = 0.0
    for (item, exposure) in exposures.enumerated() where exposure > 0 {
      let share = Double(customersWithItem[item] + 1) / Double(customerCount + 1)
      bits -= Double(exposure) * log2(share)
    }
    return bits / Double(total)
  }
}
