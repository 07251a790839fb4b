/// A line over months for each model, with a legend under them.
struct LinePlot {
  private static let left = 72.0
  private static let right = 604.0
  private static let bottom = 250.0

  let title: String
  let axisLabel: String
  /// What stands under each place.
  let places: [String]
  let names: [String]
  /// The values of each model. `[models][places]`
  let values: [[Double]]

  private func x(_ place: Int) -> Double {
    Self.left + (Self.right - Self.left) * (Double(place) + 0.5) / Double(max(places.count, 1))
  }

  var svg: String {
    let axis = PlotAxis(to: values.joined().max() ?? 0)
    func y(_ value: Double) -> Double { Self.bottom - (Self.bottom - 12) * axis.share(value) }
    // Many places have their names on end.
    let isTurned = places.count > 8
    let legendTop = Self.bottom + (isTurned ? 94 : 50)
    var plot = SVGPlot(
      width: 620, height: legendTop + PlotLegend.height(names) + 6, title: title,
      description: "\(axisLabel) of \(names.joined(separator: ", ")) over "
        + places.joined(separator: ", "))
    for mark in axis.marks {
      plot.line((Self.left, y(mark.value)), (Self.right, y(mark.value)), .grid)
      plot.text(mark.label, x: Self.left - 6, y: y(mark.value) + 4, anchor: .end)
    }
    plot.text(axisLabel, x: 14, y: (Self.bottom + 12) / 2, anchor: .middle, turned: true)
    for (index, place) in places.enumerated() {
      plot.text(
        place, x: x(index) + (isTurned ? 4 : 0), y: Self.bottom + (isTurned ? 8 : 20),
        anchor: isTurned ? .end : .middle, turned: isTurned)
    }
    plot.text(
      "month held out", x: (Self.left + Self.right) / 2, y: legendTop - 10, anchor: .middle)
    for (model, line) in values.enumerated() {
      let points = line.enumerated().map { (x: x($0), y: y($1)) }
      for (from, to) in zip(points, points.dropFirst()) {
        plot.line(from, to, .model(model), width: 2)
      }
      for (index, point) in points.enumerated() {
        plot.point(
          point, .model(model),
          hint: "\(names[model]), \(places[index]): \(CommandOutput.fixed(line[index], 5))")
      }
    }
    PlotLegend.add(names, to: &plot, top: legendTop)
    return plot.svg
  }
}
