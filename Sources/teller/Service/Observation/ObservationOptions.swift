public import ArgumentParser
public import Logging
internal import PrometheusExposition

/// The options of what a server says of itself.
struct ObservationOptions: ParsableArguments {
  @Option(help: "trace, debug, info, notice, warning, error or critical.")
  var logLevel = Logger.Level.info

  @Option(help: "text or json: one line, or one JSON object, for each event on stderr.")
  var logFormat = LogFormat.text

  @Option(
    help: """
      HOST:PORT for GET /metrics (Prometheus) and GET /health over HTTP; port 0 takes a free one. \
      [default: none]
      """)
  var metricsListen: ServerAddress?

  func validate() throws {
    // Nobody is asked who they are there, and names of methods and models are told.
    if let metricsListen, !metricsListen.isLoopback {
      throw ValidationError(
        "--metrics-listen \(metricsListen) is not a loopback address, and anybody could read it; "
          + "listen on 127.0.0.1 and let a proxy or an agent on this machine pass it on")
    }
  }

  /// The log, on stderr.
  func makeLogger() -> Logger {
    let format = logFormat
    var logger = Logger(label: "teller") { _ in
      LineLogHandler(
        format: format, nowMilliseconds: SystemClock.nowMilliseconds, write: CommandOutput.note)
    }
    logger.logLevel = logLevel
    return logger
  }

  /// Serves the metrics when that was asked for.
  func startEndpoint(
    _ registry: PrometheusRegistry, isServing: @escaping @Sendable () -> Bool
  ) async throws -> MetricsEndpoint? {
    guard let metricsListen else { return nil }
    return try await MetricsEndpoint.start(
      host: metricsListen.host, port: metricsListen.port, registry: registry,
      isServing: isServing)
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

extension ServerAddress {
  /// Whether only this machine can reach it.
  var isLoopback: Bool {
    host == "localhost" || host == "::1" || (host.hasPrefix("127.") && host.isDottedNumber)
  }
}

extension String {
  /// Whether it is an IPv4 address and not a name that begins like one.
  fileprivate var isDottedNumber: Bool {
    let parts = split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }
}
