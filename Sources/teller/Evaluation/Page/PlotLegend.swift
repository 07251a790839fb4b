/// The models' colours and names, three a row.
enum PlotLegend {
  private static let columns = 3
  private static let rowHeight = 20.0

  static func height(_ names: [String]) -> Double {
    rowHeight * Double((names.count + columns - 1) / columns)
  }

  /// Adds the legend under a drawing.
  static func add(_ names: [String], to plot: inout SVGPlot, top: Double) {
    for (index, name) in names.enumerated() {
      let x = 20 + (plot.width - 20) / Double(columns) * Double(index % columns)
      let y = top + rowHeight * Double(index / columns) + 12
      plot.point((x, y - 4), .model(index), hint: name)
      plot.text(shortened(name, 26), x: x + 10, y: y)
    }
  }

  /// A name that fits, with an ellipsis where it did not.
  static func shortened(_ name: String, _ limit: Int) -> String {
    name.count > limit ? name.prefix(limit - 1) + "…" : name
  }
}
