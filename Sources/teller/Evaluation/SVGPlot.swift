internal import Foundation

/// A drawing of text, lines and rectangles as inline SVG.
struct SVGPlot {
  private let width: Int
  private let height: Int
  private var parts: [String] = []

  init(width: Int, height: Int, title: String) {
    self.width = width
    self.height = height
    text(title, x: 0, y: 16, weight: "bold")
  }

  mutating func text(_ text: String, x: Double, y: Double, weight: String = "normal") {
    parts.append(
      "<text x=\"\(Self.place(x))\" y=\"\(Self.place(y))\" font-weight=\"\(weight)\">"
        + "\(Self.escaped(text))</text>")
  }

  mutating func line(_ from: (Double, Double), _ to: (Double, Double), color: String) {
    parts.append(
      "<line x1=\"\(Self.place(from.0))\" y1=\"\(Self.place(from.1))\" x2=\"\(Self.place(to.0))\" "
        + "y2=\"\(Self.place(to.1))\" stroke=\"\(color)\" stroke-width=\"2\"/>")
  }

  mutating func rectangle(x: Double, y: Double, width: Double, height: Double, color: String) {
    parts.append(
      "<rect x=\"\(Self.place(x))\" y=\"\(Self.place(y))\" width=\"\(Self.place(width))\" "
        + "height=\"\(Self.place(height))\" fill=\"\(color)\"/>")
  }

  /// The drawing; it needs nothing from outside the page.
  var svg: String {
    "<p><svg width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\">\n"
      + parts.joined(separator: "\n") + "\n</svg></p>"
  }

  private static func place(_ value: Double) -> String { String(format: "%.1f", value) }

  static func log10(_ value: Double) -> Double { Foundation.log10(value) }

  static func power10(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

  /// Text that is safe inside an element.
  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
