internal import Foundation
internal import TestSupport
internal import Testing

/// What a server says of itself: metrics, status and logs of the built program.
struct MetricsTests {
  private let folder: TemporaryFolder
  private let workspace: String

  init() throws {
    folder = try TemporaryFolder()
    workspace = folder.file("workspace")
    for arguments in [
      ["generate", "--customers", "80", "--months", "3", "--seed", "3", "--out", bank],
      ["import", "santander", bank], ["train", "popularity"],
    ] {
      let run = try CommandRun.run(arguments + ["--workspace", workspace])
      #expect(run.exitCode == 0, "\(run.errors)")
    }
  }

  private var bank: String { folder.file("bank.csv") }

  /// One HTTP request over a plain socket; the whole answer.
  private func get(_ address: String, _ path: String) throws -> String {
    let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
    let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(handle) }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(connected == 0)
    let request = "GET \(path) HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    _ = request.utf8CString.withUnsafeBytes { send(handle, $0.baseAddress, $0.count - 1, 0) }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(handle, &buffer, buffer.count, 0)
      if count <= 0 { break }
      answer += buffer[..<count]
    }
    return String(decoding: answer, as: UTF8.self)
  }

  @Test func aScrapeTellsWhatWasAnswered() throws {
    let server = try ServerRun(workspace: workspace, options: ["--metrics-listen", "127.0.0.1:0"])
    let line = try server.nextLine()
    #expect(line.hasPrefix("metrics http://127.0.0.1:") && line.hasSuffix("/metrics"))
    let address = String(line.dropFirst("metrics http://".count).dropLast("/metrics".count))
    #expect(try get(address, "/health").hasSuffix("SERVING\n"))
    let items = try #require(
      try server.call("recommend", "--user", "nobody")["item_ids"] as? [String])
    _ = try server.call("recommend", "--user", "nobody")
    #expect(
      try CommandRun.run(["similar", "--server", server.address, "--item", "x"]).exitCode != 0)
    _ = try server.call(
      "feedback", "--user", "new", "--item", items[0], "--type", "accepted", "--event-id", "a")
    _ = try server.call(
      "feedback", "--user", "new", "--item", items[0], "--type", "accepted", "--event-id", "a")
    let page = try get(address, "/metrics")
    for sample in [
      "teller_requests_total{method=\"Recommend\",status=\"OK\"} 2\n",
      "teller_requests_total{method=\"SimilarItems\",status=\"NOT_FOUND\"} 1\n",
      "teller_request_duration_seconds_count{method=\"Feedback\"} 2\n",
      "teller_feedback_events_total{outcome=\"accepted\"} 1\n",
      "teller_feedback_events_total{outcome=\"duplicate\"} 1\n",
      "teller_feedback_events_total{outcome=\"rejected\"} 0\n",
      "teller_model_info{kind=\"popularity\",trained_through=\"2015-03\",version=\"popularity-0001\"} 1\n",
      "teller_live_customers 1\n", "teller_event_log_events 1\n", "teller_replayed_events 0\n",
      "teller_event_log_queued_events 0\n", "teller_items 24\n", "teller_connections 0\n",
      "teller_violations_total 0\n", "# TYPE teller_request_duration_seconds histogram\n",
      "# HELP process_cpu_seconds_total ",
    ] { #expect(page.contains(sample), "\(sample) is not in\n\(page)") }

    let status = try server.call("status")
    let metrics = try #require(status["metrics"] as? [[String: Any]])
    let answered = metrics.first {
      $0["name"] as? String == "teller_requests_total"
        && $0["labels"] as? [String: String] == ["method": "Recommend", "status": "OK"]
    }
    #expect(answered?["value"] as? Double == 2)
    #expect(status["status"] as? String == "SERVING")
    let text = try CommandRun.run(["status", "--server", server.address]).output
    for line in ["status       SERVING", "1 accepted, 1 duplicate, 0 rejected, 0 failed"] {
      #expect(text.contains(line), "\(line) is not in\n\(text)")
    }
    let row = text.split(separator: "\n").first { $0.hasPrefix("Recommend ") }
    #expect(row?.split(separator: " ").prefix(3) == ["Recommend", "2", "0"], "\(text)")
    #expect(server.stop() == 0)
  }

  /// The samples of a page by name and labels.
  private func samples(_ page: String) -> [String: Double] {
    var samples: [String: Double] = [:]
    for line in page.split(separator: "\n") where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " "),
        let value = Double(line[line.index(after: space)...])
      else { continue }
      samples[String(line[..<space])] = value
    }
    return samples
  }

  /// Counts never go back, and those of one page fit each other, however busy the server is.
  @Test func countsAreWholeWhileRequestsAreAnswered() throws {
    let server = try ServerRun(workspace: workspace, options: ["--metrics-listen", "127.0.0.1:0"])
    let line = try server.nextLine()
    let address = String(line.dropFirst("metrics http://".count).dropLast("/metrics".count))
    let (load, output, _) = try CommandRun.start([
      "bench", "rpc", "--server", server.address, "--connections", "4", "--seconds", "2", "--json",
    ])
    let seconds = "teller_request_duration_seconds"
    var before: [String: Double] = [:]
    var scrapes = 0
    while load.isRunning {
      let page = samples(try get(address, "/metrics"))
      scrapes += 1
      for (name, value) in page where name.contains("_total") || name.hasPrefix(seconds) {
        #expect(value >= before[name] ?? 0, "\(name) went back")
      }
      let buckets = page.filter {
        $0.key.hasPrefix("\(seconds)_bucket") && $0.key.contains("\"Recommend\"")
      }
      if let count = page["\(seconds)_count{method=\"Recommend\"}"] {
        #expect(buckets.values.max() == count)
        // Bounds in ascending order have ascending counts.
        let atCounts = Dictionary(grouping: buckets, by: \.value)
          .sorted { $0.key < $1.key }.map { $0.value.map { upperBound($0.key) } }
        for (lower, upper) in zip(atCounts, atCounts.dropFirst()) {
          #expect((lower.max() ?? 0) < (upper.min() ?? 0))
        }
      }
      before = page
    }
    load.waitUntilExit()
    _ = output.fileHandleForReading.readDataToEndOfFile()
    #expect(load.terminationStatus == 0 && scrapes > 0)
    // At rest every answer has its time.
    let end = samples(try get(address, "/metrics"))
    let answered = try #require(
      end["teller_requests_total{method=\"Recommend\",status=\"OK\"}"])
    #expect(answered > 0 && end["\(seconds)_count{method=\"Recommend\"}"] == answered)
    #expect(end["teller_violations_total"] == 0)
    #expect(server.stop() == 0)
  }

  private func upperBound(_ sample: String) -> Double {
    guard let start = sample.range(of: "le=\"")?.upperBound else { return .nan }
    let text = sample[start...].prefix { $0 != "\"" }
    return text == "+Inf" ? .infinity : Double(text) ?? .nan
  }

  @Test func everyLogLineIsAnObjectWhenAskedFor() throws {
    let server = try ServerRun(
      workspace: workspace, options: ["--log-format", "json", "--log-level", "debug"])
    _ = try server.call("recommend", "--user", "nobody")
    #expect(server.stop() == 0)
    let lines = server.log().split(separator: "\n")
    let objects = try lines.map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String], "\(line)")
    }
    let messages = objects.compactMap { $0["message"] }
    for message in ["loaded", "listening", "connection opened", "connection closed", "stopped"] {
      #expect(messages.contains(message), "\(message) is not in \(messages)")
    }
    #expect(objects.allSatisfy { $0["time"]?.hasSuffix("Z") == true && $0["level"] != nil })
    #expect(objects.first { $0["message"] == "stopping" }?["signal"] == "SIGTERM")
    let plain = try ServerRun(workspace: workspace)
    #expect(plain.stop() == 0)
    let loaded = plain.log().split(separator: "\n").first { $0.contains(" info loaded ") }
    #expect(loaded?.contains(" model=popularity-0001 ") == true, "\(plain.log())")
  }

  @Test func metricsAreForThisMachineAlone() throws {
    for address in ["0.0.0.0:9464", "10.0.0.1:0", "127.evil.example:1"] {
      let run = try CommandRun.run(
        ["serve", "--workspace", workspace, "--metrics-listen", address])
      #expect(run.exitCode == 64)
      #expect(run.errors.contains("is not a loopback address"), "\(run.errors)")
    }
    let server = try ServerRun(workspace: workspace, options: ["--metrics-listen", "[::1]:0"])
    #expect(server.stop() == 0)
  }
}
