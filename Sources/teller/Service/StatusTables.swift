internal import Foundation
internal import RecommenderRPC

/// What `teller status` prints of a server's numbers.
struct StatusTables {
  private typealias Out = CommandOutput

  let report: StatusReport
  let nowMilliseconds: Int64

  /// Every line: what the server is, its models, what it has answered.
  var lines: [String] {
    facts.map { name, text in name.padding(toLength: 13, withPad: " ", startingAt: 0) + text }
      + spaced(models)
      + spaced(requests)
  }

  private func count(_ name: String, _ labels: [String: String] = [:]) -> String {
    Out.grouped(Int(report.value(name, labels) ?? 0))
  }

  private var facts: [(String, String)] {
    let outcomes = ["accepted", "duplicate", "rejected", "failed"].map { outcome in
      "\(count("teller_feedback_events_total", ["outcome": outcome])) \(outcome)"
    }
    let megabytes = { (name: String) in
      Out.fixed((report.value(name) ?? 0) / 1_048_576, 1) + " MiB"
    }
    return [
      ("status", report.status.name), ("version", report.serverVersion),
      ("up", Self.duration(seconds: Double(report.uptimeMilliseconds) / 1000)),
      ("model", report.modelVersion), ("items", count("teller_items")),
      (
        "customers",
        "\(count("teller_customers")), \(count("teller_scored_customers")) scored ahead,"
          + " \(count("teller_live_customers")) with feedback"
      ), ("requests", Out.grouped(Int(report.sum("teller_requests_total")))),
      (
        "connections",
        "\(count("teller_connections")) open, \(count("teller_connections_opened_total"))"
          + " accepted, \(count("teller_violations_total")) sent away"
      ),
      (
        "traffic",
        "\(megabytes("teller_received_bytes_total")) received,"
          + " \(megabytes("teller_sent_bytes_total")) sent"
      ), ("feedback", outcomes.joined(separator: ", ")),
      (
        "event log",
        "\(count("teller_event_log_events")) events, \(megabytes("teller_event_log_bytes")),"
          + " \(count("teller_event_log_queued_events")) waiting"
      ),
      (
        "record",
        "\(count("teller_recorded_answers_total")) answers,"
          + " \(count("teller_unrecorded_answers_total")) without room"
      ),
      (
        "process",
        "\(Out.fixed(report.value("process_cpu_seconds_total") ?? 0, 1)) s of processor time,"
          + " \(megabytes("process_resident_memory_bytes"))"
      ),
    ]
  }

  /// A table with a line before it; nothing when it has no row.
  private func spaced(_ table: Table) -> [String] {
    table.lines.count > 2 ? [""] + table.lines : []
  }

  private var models: Table {
    var table = Table(header: ["model", "kind", "trained through", "age"])
    for sample in report.samples where sample.name == "teller_model_info" {
      let labels = Self.labels(sample)
      let created = report.value(
        "teller_model_created_timestamp_seconds",
        ["kind": labels["kind"] ?? "", "version": labels["version"] ?? ""])
      let age = created.map { Self.duration(seconds: Double(nowMilliseconds) / 1000 - $0) }
      table.add([
        labels["version"] ?? "", labels["kind"] ?? "", labels["trained_through"] ?? "", age ?? "",
      ])
    }
    return table
  }

  private var requests: Table {
    var table = Table(header: ["method", "answers", "not OK", "mean ms", "p50 ms", "p99 ms"])
    let answers = report.samples.filter { $0.name == "teller_requests_total" }
    for (method, samples) in Dictionary(
      grouping: answers, by: { Self.labels($0)["method"] ?? "" }
    ).sorted(by: { $0.key < $1.key }) {
      let total = samples.reduce(0) { $0 + $1.value }
      let good = samples.first { Self.labels($0)["status"] == "OK" }?.value ?? 0
      let times = histogram(method)
      let milliseconds = { (seconds: Double?) in seconds.map { Out.fixed($0 * 1000, 3) } ?? "" }
      table.add([
        method, Out.grouped(Int(total)), Out.grouped(Int(total - good)),
        milliseconds(times.mean), milliseconds(times.quantile(0.5)),
        milliseconds(times.quantile(0.99)),
      ])
    }
    return table
  }

  private func histogram(_ method: String) -> BucketHistogram {
    let name = "teller_request_duration_seconds"
    let buckets = report.samples.compactMap { sample -> (Double, Double)? in
      let labels = Self.labels(sample)
      guard sample.name == name + "_bucket", labels["method"] == method, let bound = labels["le"]
      else { return nil }
      return (bound == "+Inf" ? .infinity : Double(bound) ?? .infinity, sample.value)
    }
    return BucketHistogram(
      buckets: buckets.sorted { $0.0 < $1.0 }.map { (bound: $0.0, count: $0.1) },
      sum: report.value(name + "_sum", ["method": method]) ?? 0)
  }

  private static func labels(_ sample: StatusSample) -> [String: String] {
    Dictionary(sample.labels.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
  }

  /// A duration in its largest two units.
  static func duration(seconds: Double) -> String {
    let whole = Int(max(0, seconds))
    let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60)
    if days > 0 { return "\(days) d \(hours) h" }
    if hours > 0 { return "\(hours) h \(minutes) min" }
    if minutes > 0 { return "\(minutes) min \(whole % 60) s" }
    return CommandOutput.fixed(max(0, seconds), 1) + " s"
  }
}

/// Observations counted up to ascending bounds, the counts cumulative, as a server tells them.
struct BucketHistogram {
  let buckets: [(bound: Double, count: Double)]
  let sum: Double

  /// The mean; nil without an observation.
  var mean: Double? { (buckets.last?.count).flatMap { $0 > 0 ? sum / $0 : nil } }

  /// The value below which a share of the observations lies, taking those of a bucket for evenly
  /// spread, as Prometheus's `histogram_quantile` does; the last bound for what is beyond it. Nil
  /// without an observation.
  func quantile(_ share: Double) -> Double? {
    guard let total = buckets.last?.count, total > 0 else { return nil }
    let rank = share * total
    var (bound, count) = (0.0, 0.0)
    for bucket in buckets {
      if bucket.count >= rank {
        guard bucket.bound.isFinite else { return bound }
        let inside = bucket.count - count
        return inside > 0
          ? bound + (bucket.bound - bound) * (rank - count) / inside : bucket.bound
      }
      (bound, count) = (bucket.bound, bucket.count)
    }
    return bound
  }
}
