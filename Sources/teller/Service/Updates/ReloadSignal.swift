internal import Foundation

/// SIGHUP, by which an operator asks a running server to look for what is new.
enum ReloadSignal {
  /// Takes the signal over, and tells of each that comes until nobody listens.
  static func arrivals() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    signal(SIGHUP, SIG_IGN)
    // Kept as long as the signal is listened to; not used otherwise.
    nonisolated(unsafe) let source = DispatchSource.makeSignalSource(signal: SIGHUP)
    source.setEventHandler { continuation.yield() }
    continuation.onTermination = { _ in source.cancel() }
    source.resume()
    return stream
  }
}
