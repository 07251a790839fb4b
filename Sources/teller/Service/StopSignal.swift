internal import Foundation

/// Waits for SIGTERM or SIGINT.
final class StopSignal: Sendable {
  private let signals: AsyncStream<String>
  /// Kept alive as long as the signals are waited for; not used otherwise.
  nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

  /// Takes the signals over from now on, so that one that comes while loading is not lost.
  init() {
    let (stream, continuation) = AsyncStream<String>.makeStream()
    signals = stream
    sources = [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")].map { number, name in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { continuation.yield(name) }
      source.resume()
      return source
    }
  }

  /// Returns the name of the first signal.
  func wait() async -> String {
    for await name in signals { return name }
    return ""
  }
}
