internal import Foundation
internal import PrometheusExposition
internal import RecommenderModels
internal import RecommenderRPC
internal import RecommenderService
internal import Synchronization

/// The metrics of `teller serve`: what is counted where it happens is brought together when somebody
/// looks.
///
/// Names follow Prometheus: base units, `_total` behind what only grows.
final class ServingMetrics: Sendable {
  let registry = PrometheusRegistry()
  private let eventLogPath: String
  /// The gauges of the models in force, by version: they go when other models come.
  private let modelGauges = Mutex<[String: [GaugeSeries]]>([:])

  init(eventLogPath: String) {
    self.eventLogPath = eventLogPath
    for (name, help) in Self.help { registry.describe(name, help) }
    addProcess()
  }

  static let help = [
    ("teller_requests_total", "Requests answered, by method and status."),
    (
      "teller_request_duration_seconds",
      "Time from the arrival of a request to the write of its answer; cancelled ones are left out."
    ),
    ("teller_connections", "Connections open now."),
    ("teller_connections_opened_total", "Connections accepted."),
    ("teller_violations_total", "Connections sent away for breaking the protocol or a limit."),
    ("teller_received_bytes_total", "Bytes read from connections."),
    ("teller_sent_bytes_total", "Bytes written to connections."),
    ("teller_draining", "1 while the server finishes what it has and goes away."),
    ("teller_model_info", "1 for each model in force."),
    ("teller_model_created_timestamp_seconds", "When the model was written, since 1970."),
    ("teller_items", "Products in the catalogue."),
    ("teller_customers", "Customers of the dataset."),
    ("teller_scored_customers", "Customers whose scores are computed ahead."),
    ("teller_live_customers", "Customers whose answers follow from feedback."),
    ("teller_replayed_events", "Events of the log that the models in force were told of at load."),
    ("teller_feedback_events_total", "Events fed back, by what became of them."),
    ("teller_event_log_events", "Events in the log."),
    ("teller_event_log_bytes", "Size of the event log's files."),
    ("teller_event_log_queued_events", "Events that wait to be written."),
    ("teller_recorded_answers_total", "Answers that were put on record."),
    ("teller_unrecorded_answers_total", "Answers that found no room on the way to their record."),
    ("teller_model_updates_total", "Changes of the models in force, by kind and result."),
    ("process_cpu_seconds_total", "User and system time of the process."),
    ("process_resident_memory_bytes", "Resident memory of the process."),
    ("process_start_time_seconds", "When the process started, since 1970."),
    ("process_open_fds", "Open file descriptors."),
  ]

  /// Counts what a server answers.
  func observe(_ server: RPCServer) {
    registry.addCollector { [registry] in
      let counts = server.counts
      for method in counts.methods where method.answers.contains(where: { $0 > 0 }) {
        for (status, count) in zip(StatusCode.allCases, method.answers) where count > 0 {
          registry.counter(
            "teller_requests_total",
            dimensions: [("method", method.name), ("status", status.name)]
          ).publish(total: Double(count))
        }
        registry.histogram(
          "teller_request_duration_seconds", dimensions: [("method", method.name)],
          bounds: RPCServerCounts.timeBoundsSeconds
        ).publish(counts: method.timeCounts, sum: Double(method.timeSumNanoseconds) / 1e9)
      }
      registry.gauge("teller_connections").set(Double(counts.connections))
      registry.gauge("teller_draining").set(counts.isDraining ? 1.0 : 0)
      for (name, total) in [
        ("teller_connections_opened_total", counts.connectionsOpened),
        ("teller_violations_total", counts.violations),
        ("teller_received_bytes_total", counts.bytesReceived),
        ("teller_sent_bytes_total", counts.bytesSent),
      ] { registry.counter(name).publish(total: Double(total)) }
    }
  }

  /// Counts what a service knows.
  func observe(_ service: LoadedService) {
    registry.addCollector { [self] in
      let counts = service.counts
      for (name, number) in [
        ("teller_items", counts.items), ("teller_customers", counts.customers),
        ("teller_scored_customers", counts.scoredCustomers),
        ("teller_live_customers", counts.liveCustomers),
        ("teller_replayed_events", counts.replayedEvents),
        ("teller_event_log_events", counts.loggedEvents),
        ("teller_event_log_queued_events", counts.queuedEvents),
      ] { registry.gauge(name).set(Double(number)) }
      registry.gauge("teller_event_log_bytes").set(Double(eventLogBytes))
      showModels(counts.models)
    }
  }

  /// Counts the answers on record.
  func observe(_ answers: AnswerLog) {
    registry.addCollector { [registry] in
      registry.counter("teller_recorded_answers_total").publish(
        total: Double(answers.recordedCount))
      registry.counter("teller_unrecorded_answers_total").publish(
        total: Double(answers.droppedCount))
    }
  }

  private func showModels(_ models: [StoredModel]) {
    modelGauges.withLock { gauges in
      let versions = Set(models.map(\.version))
      for (version, old) in gauges where !versions.contains(version) {
        for gauge in old { registry.remove(gauge) }
        gauges[version] = nil
      }
      for model in models where gauges[model.version] == nil {
        let labels = [("kind", model.manifest.kind.rawValue), ("version", model.version)]
        let info = registry.gauge(
          "teller_model_info",
          dimensions: labels + [("trained_through", model.manifest.trainedThrough)])
        info.set(1.0)
        gauges[model.version] = [info]
        if let created = Self.modified(model.folder + "/manifest.json") {
          let age = registry.gauge("teller_model_created_timestamp_seconds", dimensions: labels)
          age.set(created.timeIntervalSince1970)
          gauges[model.version]?.append(age)
        }
      }
    }
  }

  private func addProcess() {
    // To the second: nobody needs more.
    let start = (Double(SystemClock.nowMilliseconds()) / 1000).rounded(.down)
    registry.gauge("process_start_time_seconds").set(start)
    registry.addCollector { [registry] in
      let usage = ProcessUsage.current()
      registry.counter("process_cpu_seconds_total").publish(
        total: Double(usage.cpuMicroseconds) / 1e6)
      registry.gauge("process_resident_memory_bytes").set(Double(usage.memoryBytes))
      if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
        registry.gauge("process_open_fds").set(Double(files.count))
      }
    }
  }

  private var eventLogBytes: Int {
    ["", "-wal"].reduce(0) { total, suffix in
      let file = try? FileManager.default.attributesOfItem(atPath: eventLogPath + suffix)
      return total + ((file?[.size] as? NSNumber)?.intValue ?? 0)
    }
  }

  private static func modified(_ path: String) -> Date? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
  }

  /// Everything, as Status answers it.
  func samples() -> [StatusSample] {
    registry.families().flatMap(\.samples).map { sample in
      StatusSample(
        name: sample.name,
        labels: sample.labels.map { StatusSample.Label(name: $0.name, value: $0.value) },
        value: sample.value)
    }
  }
}
