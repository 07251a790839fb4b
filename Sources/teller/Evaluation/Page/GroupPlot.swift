/// A row for each group of customers with a point for each model, and a legend under them.
struct GroupPlot {
  private static let pitch = 22.0
  private static let right = 596.0

  let title: String
  let axisLabel: String
  let groups: [String]
  let names: [String]
  /// The values of each model. `[models][groups]`
  let values: [[Double]]

  var svg: String {
    let axis = PlotAxis(to: values.joined().max() ?? 0)
    let left = 16 + 7.5 * Double(min(groups.map(\.count).max() ?? 0, 26))
    let bottom = 8 + Self.pitch * Double(groups.count)
    func x(_ value: Double) -> Double { left + (Self.right - left) * axis.share(value) }
    var plot = SVGPlot(
      width: 620, height: bottom + 50 + PlotLegend.height(names), title: title,
      description: "\(axisLabel) of \(names.joined(separator: ", ")) for "
        + groups.joined(separator: ", "))
    for mark in axis.marks {
      plot.line((x(mark.value), 4), (x(mark.value), bottom), .grid)
      plot.text(mark.label, x: x(mark.value), y: bottom + 16, anchor: .middle)
    }
    plot.text(axisLabel, x: (left + Self.right) / 2, y: bottom + 36, anchor: .middle)
    for (group, name) in groups.enumerated() {
      let y = 8 + Self.pitch * (Double(group) + 0.5)
      plot.line((left, y), (Self.right, y), .grid)
      plot.text(PlotLegend.shortened(name, 26), x: left - 8, y: y + 4, anchor: .end)
      for model in names.indices {
        let value = values[model][group]
        plot.point(
          (x(value), y), .model(model),
          hint: "\(name), \(names[model]): \(CommandOutput.fixed(value, 5))")
      }
    }
    PlotLegend.add(names, to: &plot, top: bottom + 46)
    return plot.svg
  }
}
