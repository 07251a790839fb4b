internal import ArgumentParser
internal import RecommenderRPC

/// `teller status`
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Ask a server how it is and what it serves.",
    discussion: """
      Example:
        teller status --server 127.0.0.1:7001 --json
      """)

  @OptionGroup var client: ClientOptions

  func run() async throws {
    try await CommandFailure.report {
      let (health, report, description) = try await client.withClient { client in
        (
          try await client.health(timeout: self.client.timeout),
          try await client.status(timeout: self.client.timeout),
          try await client.describe(timeout: self.client.timeout)
        )
      }
      typealias Out = CommandOutput
      let tables = StatusTables(report: report, nowMilliseconds: SystemClock.nowMilliseconds())
      for line in tables.lines { Out.line(line) }
      printColdItems(description.service)
      if client.json {
        try Out.json([
          "status": health.status.name, "model_version": health.modelVersion,
          "uptime_ms": health.uptimeMilliseconds, "cpu_time_us": health.cpuMicroseconds,
          "memory_bytes": health.memoryBytes, "requests": health.requests,
          "recommendations_recorded": health.recommendationsRecorded,
          "recommendations_dropped": health.recommendationsDropped,
          "customers": description.service.customers,
          "item_ids": description.service.itemIDs,
          "item_names": description.service.itemNames,
          "exploration_weight": Double(description.service.explorationWeight),
          "cold_items": description.service.coldItems.map { item -> [String: Any] in
            [
              "item_id": description.service.itemIDs[Int(item.itemIndex)],
              "state": item.state.name, "showings": item.showings,
              "acceptances": item.acceptances, "acceptance": Double(item.acceptance),
            ]
          },
          "protocol_version": description.protocolVersion,
          "metrics": report.samples.map { sample -> [String: Any] in
            [
              "name": sample.name, "value": sample.value,
              "labels": Dictionary(
                sample.labels.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }),
            ]
          },
          "models": description.service.models.map { model -> [String: Any] in
            [
              "kind": model.kind, "version": model.version,
              "trained_through": model.trainedThrough, "parameters": model.parameters,
            ]
          },
        ])
      }
    }
  }

  private func printColdItems(_ service: DescribeAnswer) {
    if service.coldItems.isEmpty { return }
    var table = Table(header: ["cold item", "state", "shown", "accepted", "believed"])
    for item in service.coldItems {
      table.add([
        service.itemIDs[Int(item.itemIndex)], item.state.name.lowercased(),
        CommandOutput.grouped(Int(item.showings)), CommandOutput.grouped(Int(item.acceptances)),
        item.showings == 0 ? "" : CommandOutput.fixed(Double(item.acceptance), 4),
      ])
    }
    for line in table.lines { CommandOutput.line(line) }
  }
}

extension ColdItemState {
  /// The name in the protocol, without what all have in common.
  var name: String {
    switch self {
    case .exploring: "EXPLORING"
    case .graduated: "GRADUATED"
    case .givenUp: "GIVEN_UP"
    }
  }
}
