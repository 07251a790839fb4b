internal import Foundation
internal import Synchronization

/// A line on the terminal that is written over while work goes on; nothing where stderr is no
/// terminal.
final class ProgressLine: Sendable {
  private struct State {
    var shown = Duration.seconds(-1)
    var isVisible = false
  }

  /// A reader cannot follow more than a few changes a second.
  private static let interval = Duration.milliseconds(100)

  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let state = Mutex(State())

  /// Shows text in place of what was shown before; too frequent calls are dropped.
  func show(_ text: @autoclosure () -> String) {
    guard isTerminal else { return }
    let now = SystemClock.elapsed()
    let isDue = state.withLock { state in
      guard now - state.shown >= Self.interval else { return false }
      state.shown = now
      state.isVisible = true
      return true
    }
    if isDue { write(text()) }
  }

  /// Shows a bar for a share of 0 to 1, with text behind it.
  func show(share: Double, _ text: @autoclosure () -> String) {
    let width = 30
    let filled = Int((min(max(share, 0), 1) * Double(width)).rounded())
    let bar =
      String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    show("[\(bar)] \(Int(share * 100)) % \(text())")
  }

  private func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data("\r\u{1b}[K\(text)".utf8))
  }

  /// Removes the line.
  func clear() {
    let wasVisible = state.withLock { state in
      defer { state.isVisible = false }
      return state.isVisible
    }
    if wasVisible { write("") }
  }
}
