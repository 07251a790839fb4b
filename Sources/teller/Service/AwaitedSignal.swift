internal import Foundation

/// Waits for signals of the operating system.
final class AwaitedSignal: Sendable {
  private let signals: AsyncStream<String>
  /// Kept alive as long as the signals are waited for; not used otherwise.
  nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

  /// Takes the signals over from now on, so that one that comes while loading is not lost.
  init(_ numbers: KeyValuePairs<Int32, String>) {
    let (stream, continuation) = AsyncStream<String>.makeStream()
    signals = stream
    sources = numbers.map { number, name in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { continuation.yield(name) }
      source.resume()
      return source
    }
  }

  /// The signals that stop a server.
  static func stop() -> AwaitedSignal { AwaitedSignal([SIGTERM: "SIGTERM", SIGINT: "SIGINT"]) }

  /// The signal that makes a server read certificates, tokens and models anew.
  static func reload() -> AwaitedSignal { AwaitedSignal([SIGHUP: "SIGHUP"]) }

  /// The signal that makes a server train anew at once.
  static func retrain() -> AwaitedSignal { AwaitedSignal([SIGUSR1: "SIGUSR1"]) }

  /// Returns the name of the next signal; nil when the task is cancelled.
  func wait() async -> String? {
    for await name in signals { return name }
    return nil
  }
}
