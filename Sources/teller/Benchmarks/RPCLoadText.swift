internal import RecommenderRPC

/// What `teller bench rpc` says of a load.
struct RPCLoadText {
  let report: RPCLoadReport
  /// Allocations of the server, all threads, if they were counted.
  var allocationsPerRequest: Double?

  init(report: RPCLoadReport) { self.report = report }

  private typealias Out = CommandOutput

  func print() {
    Out.line("requests/s           \(Out.grouped(Int(report.requestsPerSecond)))")
    Out.line("p50                  \(Out.fixed(report.p50Microseconds, 1)) µs")
    Out.line("p99                  \(Out.fixed(report.p99Microseconds, 1)) µs")
    Out.line("p99.9                \(Out.fixed(report.p999Microseconds, 1)) µs")
    Out.line("server CPU/request   \(Out.fixed(report.serverCPUMicrosecondsPerRequest, 2)) µs")
    if let allocationsPerRequest {
      Out.line("allocations/request  \(Out.fixed(allocationsPerRequest, 3))")
    }
    let memory = report.serverMemory
    let moments = [memory.startBytes, memory.middleBytes, memory.endBytes].map(Self.mebibytes)
    Out.line("server memory        \(moments.joined(separator: ", ")) MiB (start, middle, end)")
    if let bytes = memory.bytesPerIdleConnection {
      Out.line("per idle connection  \(Out.fixed(bytes / 1024, 1)) KiB")
    }
    Out.line("errors               \(Out.grouped(Int(report.errors)))")
    guard !report.swaps.isEmpty else { return }
    var table = Table(
      header: ["in force", "after s", "took s", "failed", "answers", "p99 ms", "worst p99 ms"])
    for swap in report.swaps {
      table.add([
        swap.version, Out.fixed(swap.endedSeconds, 2),
        Out.fixed(swap.endedSeconds - swap.beganSeconds, 2), Out.grouped(Int(swap.errors)),
        Out.grouped(Int(swap.requests)), Out.fixed(swap.p99Microseconds / 1000, 3),
        Out.fixed(swap.worstP99Microseconds / 1000, 3),
      ])
    }
    for line in table.lines { Out.line(line) }
    Out.line(
      "p99 of the second in which the models changed; worst of any second while they were loaded")
  }

  var json: [String: Any] {
    let memory = report.serverMemory
    var object: [String: Any] = [
      "requests_per_second": report.requestsPerSecond, "p50_us": report.p50Microseconds,
      "p99_us": report.p99Microseconds, "p999_us": report.p999Microseconds,
      "server_cpu_us_per_request": report.serverCPUMicrosecondsPerRequest,
      "requests": report.requests, "errors": report.errors,
      "memory_bytes": [memory.startBytes, memory.middleBytes, memory.endBytes],
      "swaps": report.swaps.map { swap -> [String: Any] in
        [
          "model_version": swap.version, "previous_model_version": swap.previousVersion,
          "began_s": swap.beganSeconds, "ended_s": swap.endedSeconds, "errors": swap.errors,
          "requests": swap.requests, "p99_us": swap.p99Microseconds,
          "worst_p99_us": swap.worstP99Microseconds,
        ]
      },
    ]
    object["allocations_per_request"] = allocationsPerRequest
    object["bytes_per_idle_connection"] = memory.bytesPerIdleConnection
    return object
  }

  private static func mebibytes(_ bytes: UInt64) -> String {
    Out.fixed(Double(bytes) / 1_048_576, 1)
  }
}
