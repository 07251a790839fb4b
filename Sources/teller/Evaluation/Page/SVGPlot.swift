internal import Foundation

/// A drawing as inline SVG. Colours are the page's, so that they suit light and dark alike.
struct SVGPlot {
  /// What is drawn with, by the page's style sheet.
  enum Ink {
    /// Text and axes.
    case text
    /// Grid lines.
    case grid
    /// The model of a number.
    case model(Int)

    /// The number of models told apart by colour.
    static let modelCount = 10

    var color: String {
      switch self {
      case .text: "var(--ink)"
      case .grid: "var(--grid)"
      case .model(let index): "var(--model-\(index % Self.modelCount))"
      }
    }
  }

  /// Where a text begins, by its horizontal place.
  enum Anchor: String { case start, middle, end }

  let width: Double
  let height: Double
  private let title: String
  private let description: String
  private var parts: [String] = []

  /// Makes an empty drawing.
  ///
  /// - Parameters:
  ///   - width: the width in pixels, unless there is less room.
  ///   - height: the height in pixels.
  ///   - title: what it is, for those who do not see it.
  ///   - description: what it says.
  init(width: Double, height: Double, title: String, description: String) {
    self.width = width
    self.height = height
    self.title = title
    self.description = description
  }

  mutating func text(
    _ text: String, x: Double, y: Double, anchor: Anchor = .start, turned: Bool = false
  ) {
    let turn = turned ? " transform=\"rotate(-90 \(Self.place(x)) \(Self.place(y)))\"" : ""
    parts.append(
      "<text x=\"\(Self.place(x))\" y=\"\(Self.place(y))\" text-anchor=\"\(anchor.rawValue)\"\(turn)>"
        + "\(Self.escaped(text))</text>")
  }

  mutating func line(
    _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ ink: Ink, width: Double = 1,
    isDashed: Bool = false
  ) {
    let dashes = isDashed ? " stroke-dasharray=\"5 4\"" : ""
    parts.append(
      "<line x1=\"\(Self.place(from.x))\" y1=\"\(Self.place(from.y))\" x2=\"\(Self.place(to.x))\" "
        + "y2=\"\(Self.place(to.y))\" stroke=\"\(ink.color)\" stroke-width=\"\(width)\"\(dashes)/>")
  }

  /// A rectangle that says `hint` when pointed at.
  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, _ ink: Ink, hint: String
  ) {
    parts.append(
      "<rect x=\"\(Self.place(x))\" y=\"\(Self.place(y))\" width=\"\(Self.place(max(width, 0)))\" "
        + "height=\"\(Self.place(height))\" fill=\"\(ink.color)\">\(Self.hint(hint))</rect>")
  }

  /// A point that says `hint` when pointed at.
  mutating func point(
    _ at: (x: Double, y: Double), _ ink: Ink, isHollow: Bool = false, hint: String
  ) {
    let fill = isHollow ? "none" : ink.color
    parts.append(
      "<circle cx=\"\(Self.place(at.x))\" cy=\"\(Self.place(at.y))\" r=\"4\" fill=\"\(fill)\" "
        + "stroke=\"\(ink.color)\" stroke-width=\"1.5\">\(Self.hint(hint))</circle>")
  }

  /// The drawing; it needs nothing from outside the page and grows no wider than it is.
  var svg: String {
    "<svg role=\"img\" viewBox=\"0 0 \(Self.place(width)) \(Self.place(height))\" "
      + "style=\"max-width:\(Self.place(width))px\">\n"
      + "<title>\(Self.escaped(title))</title><desc>\(Self.escaped(description))</desc>\n"
      + parts.joined(separator: "\n") + "\n</svg>"
  }

  private static func hint(_ text: String) -> String { "<title>\(escaped(text))</title>" }

  private static func place(_ value: Double) -> String { String(format: "%.1f", value) }

  /// Text that is safe inside an element or a quoted attribute.
  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
