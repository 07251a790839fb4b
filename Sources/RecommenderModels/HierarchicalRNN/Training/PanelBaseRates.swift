internal import Foundation
internal import InteractionData
internal import LinearAlgebra

/// How often items are taken by those without them, over all months and by month of the year.
struct PanelBaseRates {
  /// `[items]`
  private var taken: [Double]
  /// `[items]`
  private var exposed: [Double]
  /// `[12, items]`
  private var takenByMonth: [Double]
  /// `[12, items]`
  private var exposedByMonth: [Double]
  private let items: Int

  /// Expected acquisitions that a month's count is mixed with, towards no seasonal effect.
  private static let smoothing = 20.0

  init(_ sequences: [PanelSequence], panel: HoldingsPanel, items: Int) {
    self.items = items
    var taken = [Double](repeating: 0, count: items)
    var exposed = taken
    var takenByMonth = [Double](repeating: 0, count: 12 * items)
    var exposedByMonth = takenByMonth
    let mask = PanelSequences.itemMask(items)
    for sequence in sequences {
      sequence.walk(panel, itemMask: mask).forEach(firstMonthNumber: panel.firstMonth.number) {
        _, step, _ in
        guard step.hasTarget else { return }
        let month = Int(step.targetMonthOfYear) * items
        for item in 0..<items where step.held >> UInt64(item) & 1 == 0 {
          exposedByMonth[month + item] += 1
          if step.taken >> UInt64(item) & 1 == 1 { takenByMonth[month + item] += 1 }
        }
      }
    }
    for place in takenByMonth.indices {
      taken[place % items] += takenByMonth[place]
      exposed[place % items] += exposedByMonth[place]
    }
    self.taken = taken
    self.exposed = exposed
    self.takenByMonth = takenByMonth
    self.exposedByMonth = exposedByMonth
  }

  /// The rate of an item, never 0 nor 1.
  func rate(_ item: Int) -> Double { (taken[item] + 0.5) / (exposed[item] + 50) }

  /// Starts a network's output biases at the log odds of the rates, and its calendar at the log
  /// ratio of each month to them.
  func initialise(_ network: PanelNetwork) {
    let bias = network.parameters.pointer(network.layout.outputBias)
    let months = network.parameters.pointer(network.layout.monthBias)
    for item in 0..<items {
      let rate = rate(item)
      bias[item] = Float(log(rate / (1 - rate)))
      for month in 0..<12 {
        let place = month * items + item
        let expected = rate * exposedByMonth[place]
        months[place] = Float(
          log((takenByMonth[place] + Self.smoothing) / (expected + Self.smoothing)))
      }
    }
  }
}
