internal import Foundation

/// The learning rate over a training run: up from a 25th to the peak in three tenths of the steps,
/// then down to almost nothing, both along a cosine (Smith and Topin 2018, arXiv:1708.07120).
struct OneCycle {
  let peak: Double
  let stepCount: Int

  private static let risingShare = 0.3
  private static let startDivisor = 25.0
  private static let endDivisor = 250_000.0

  func learningRate(step: Int) -> Double {
    let turn = Self.risingShare * Double(stepCount) - 1
    let step = Double(step)
    if step <= turn {
      return Self.between(peak / Self.startDivisor, peak, share: step / turn)
    }
    let rest = max(Double(stepCount - 1) - turn, 1)
    return Self.between(peak, peak / Self.endDivisor, share: (step - max(turn, 0)) / rest)
  }

  private static func between(_ start: Double, _ end: Double, share: Double) -> Double {
    end + (start - end) / 2 * (1 + cos(.pi * min(max(share, 0), 1)))
  }
}
