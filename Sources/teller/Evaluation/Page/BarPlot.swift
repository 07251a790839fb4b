internal import OfflineEvaluation

/// Horizontal bars, one a model, with an interval on each.
struct BarPlot {
  private static let width = 620.0
  private static let barHeight = 18.0
  private static let pitch = 28.0

  let title: String
  let axisLabel: String
  let names: [String]
  let values: [Double]
  let intervals: [BootstrapIntervals.Interval?]

  var svg: String {
    let left = 12 + 7.5 * Double(min(names.map(\.count).max() ?? 0, 26))
    let right = Self.width - 84
    let bottom = 8 + Self.pitch * Double(names.count)
    let axis = PlotAxis(to: (values + intervals.compactMap { $0?.high }).max() ?? 0)
    func place(_ value: Double) -> Double { left + (right - left) * axis.share(value) }
    let said = zip(names, values).map { "\($0) \(CommandOutput.fixed($1, 5))" }
    var plot = SVGPlot(
      width: Self.width, height: bottom + 44, title: title,
      description: said.joined(separator: ", "))
    for mark in axis.marks {
      plot.line((place(mark.value), 4), (place(mark.value), bottom), .grid)
      plot.text(mark.label, x: place(mark.value), y: bottom + 16, anchor: .middle)
    }
    plot.text(axisLabel, x: (left + right) / 2, y: bottom + 36, anchor: .middle)
    for index in names.indices {
      let y = 8 + Self.pitch * Double(index)
      let name = names[index]
      plot.text(
        PlotLegend.shortened(name, 26), x: left - 8, y: y + 14, anchor: .end)
      plot.rectangle(
        x: left, y: y, width: place(values[index]) - left, height: Self.barHeight, .model(index),
        hint: said[index])
      if let interval = intervals[index] {
        let (from, to, middle) = (place(interval.low), place(interval.high), y + 9)
        plot.line((from, middle), (to, middle), .text, width: 1.5)
        for end in [from, to] { plot.line((end, y + 4), (end, y + 14), .text, width: 1.5) }
      }
      plot.text(
        CommandOutput.fixed(values[index], 5), x: Self.width - 4, y: y + 14, anchor: .end)
    }
    return plot.svg
  }
}
