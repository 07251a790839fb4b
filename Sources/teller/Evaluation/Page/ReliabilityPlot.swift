internal import OfflineEvaluation

/// Observed over predicted shares of a model's bins, on logarithmic axes; the diagonal is perfect.
struct ReliabilityPlot {
  private static let left = 78.0
  private static let right = 460.0
  private static let bottom = 392.0
  private static let top = 10.0

  let name: String
  let model: Int
  let table: CalibrationTable

  var svg: String {
    let axis = PlotAxis(logarithmicOver: table.bins.flatMap { [$0.predicted, $0.observed] })
    func x(_ value: Double) -> Double {
      Self.left + (Self.right - Self.left) * axis.share(value)
    }
    func y(_ value: Double) -> Double {
      Self.bottom - (Self.bottom - Self.top) * axis.share(value)
    }
    var plot = SVGPlot(
      width: 480, height: 444, title: "Reliability of \(name)",
      description: "Observed over predicted share in \(table.bins.count) bins of about equal "
        + "numbers of pairs")
    for mark in axis.marks {
      let place = mark.value
      plot.line((Self.left, y(place)), (Self.right, y(place)), .grid)
      plot.line((x(place), Self.top), (x(place), Self.bottom), .grid)
      plot.text(mark.label, x: x(place), y: Self.bottom + 18, anchor: .middle)
      plot.text(mark.label, x: Self.left - 6, y: y(place) + 4, anchor: .end)
    }
    plot.text(
      "mean predicted probability of a bin", x: (Self.left + Self.right) / 2, y: Self.bottom + 40,
      anchor: .middle)
    plot.text(
      "share of its pairs that came true", x: 14, y: (Self.top + Self.bottom) / 2, anchor: .middle,
      turned: true)
    plot.line((Self.left, Self.bottom), (Self.right, Self.top), .text, isDashed: true)
    for bin in table.bins {
      // The binomial error of the observed share.
      let error = 1.96 * (bin.observed * (1 - bin.observed) / Double(bin.count)).squareRoot()
      plot.line(
        (x(bin.predicted), y(bin.observed - error)), (x(bin.predicted), y(bin.observed + error)),
        .model(model), width: 1.5)
      plot.point(
        (x(bin.predicted), y(bin.observed)), .model(model), isHollow: bin.observed == 0,
        hint: "\(CommandOutput.grouped(bin.count)) pairs: predicted "
          + "\(CommandOutput.significant(bin.predicted)), observed "
          + "\(CommandOutput.significant(bin.observed))")
    }
    return plot.svg
  }
}
