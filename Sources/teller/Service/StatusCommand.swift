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
      let (health, description) = try await client.withClient { client in
        (
          try await client.health(timeout: self.client.timeout),
          try await client.describe(timeout: self.client.timeout)
        )
      }
      typealias Out = CommandOutput
      Out.line("status     \(health.status.name)")
      Out.line("model      \(health.modelVersion)")
      Out.line("customers  \(Out.grouped(Int(description.service.customers)))")
      Out.line("items      \(Out.grouped(description.service.itemIDs.count))")
      Out.line("requests   \(Out.grouped(Int(health.requests)))")
      Out.line("up         \(Out.fixed(Double(health.uptimeMilliseconds) / 1000, 1)) s")
      Out.line("memory     \(Out.grouped(Int(health.memoryBytes >> 20))) MiB")
      Out.line("recorded   \(Out.grouped(Int(health.recommendationsRecorded)))")
      Out.line("dropped    \(Out.grouped(Int(health.recommendationsDropped)))")
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
