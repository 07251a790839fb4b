public import NIOCore
internal import NIOPosix

/// Measures a server by Recommend requests: how many it answers, how quickly, and at what CPU cost.
public enum RPCLoadGenerator {
  /// How long answers may be late after the last request before they count as errors.
  static let patience: TimeAmount = .seconds(5)

  /// Runs the plan on the group's event loops.
  ///
  /// Throws INVALID_ARGUMENT for a plan outside its limits and UNAVAILABLE when the server cannot be
  /// reached. Failed requests are counted, not thrown.
  public static func run(
    _ plan: RPCLoadPlan, group: any EventLoopGroup
  ) async throws(RPCError) -> RPCLoadReport {
    try check(
      connections: plan.connections, outstanding: plan.outstanding, plan.requestsPerSecond)
    try require(
      (1...MessageLimits.maxCount).contains(plan.count),
      "count must be 1 to \(MessageLimits.maxCount), not \(plan.count)")
    try require(
      (0...16_384).contains(plan.idleConnections),
      "idle connections must be 0 to 16384, not \(plan.idleConnections)")
    if let interval = plan.reloadInterval {
      try require(
        interval >= .milliseconds(100) && plan.duration <= .seconds(RPCLoadPlan.maxTimelineSeconds),
        "models may change every 0.1 s or less often, for \(RPCLoadPlan.maxTimelineSeconds) s")
    }
    let templates = try LoadTemplates(plan)
    let load = Load(
      host: plan.host, port: plan.port, tls: plan.tls, token: plan.token,
      connections: plan.connections,
      outstanding: plan.outstanding, requestsPerSecond: plan.requestsPerSecond,
      reloadInterval: plan.reloadInterval)
    if plan.warmup > .zero {
      _ = try await phase(load, templates, plan.warmup, seed: ~plan.seed, group)
    }
    let before = try await health(load, group).memoryBytes
    let idle = try await idleConnections(plan.idleConnections, load, group)
    defer { withExtendedLifetime(idle) {} }
    var bytesPerIdleConnection: Double?
    if !idle.isEmpty {
      let after = try await health(load, group).memoryBytes
      bytesPerIdleConnection = (Double(after) - Double(before)) / Double(idle.count)
    }
    var report = try await measure(load, templates, plan.duration, seed: plan.seed, group)
    report.serverMemory.bytesPerIdleConnection = bytesPerIdleConnection
    return report
  }

  /// Measures a server by Feedback requests; what it reports is of requests, not of events. See
  /// ``run(_:group:)``.
  public static func run(
    _ plan: RPCFeedbackPlan, group: any EventLoopGroup
  ) async throws(RPCError) -> RPCLoadReport {
    try check(
      connections: plan.connections, outstanding: plan.outstanding, plan.requestsPerSecond)
    try require(
      (1...MessageLimits.maxFeedbackEvents).contains(plan.batchCount),
      "a batch must be 1 to \(MessageLimits.maxFeedbackEvents) events, not \(plan.batchCount)")
    let load = Load(
      host: plan.host, port: plan.port, tls: plan.tls, token: plan.token,
      connections: plan.connections,
      outstanding: plan.outstanding, requestsPerSecond: plan.requestsPerSecond)
    return try await measure(
      load, FeedbackTemplates(plan), plan.duration, seed: plan.seed, group)
  }

  private static func measure(
    _ load: Load, _ templates: any RequestTemplates, _ duration: Duration, seed: UInt64,
    _ group: any EventLoopGroup
  ) async throws(RPCError) -> RPCLoadReport {
    let before = try await health(load, group)
    let start = NIODeadline.now()
    let middle = Task {
      try await Task.sleep(for: duration / 2)
      return try await health(load, group).memoryBytes
    }
    defer { middle.cancel() }
    let swaps = Task { try await swapModels(load, start: start, duration, group) }
    defer { swaps.cancel() }
    let (result, timeline) = try await phase(load, templates, duration, seed: seed, group)
    let seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
    let changes: [LoadSwaps.Change]
    let middleBytes: UInt64
    do {
      changes = try await swaps.value
      middleBytes = try await middle.value
    } catch {
      throw error as? RPCError ?? RPCError(code: .unavailable, message: "\(error)")
    }
    let after = try await health(load, group)
    func microseconds(_ share: Double) -> Double {
      Double(result.histogram.quantile(share)) / 1000
    }
    let answered = result.requests + result.errors
    return RPCLoadReport(
      requests: result.requests, errors: result.errors, seconds: seconds,
      requestsPerSecond: Double(result.requests) / seconds,
      p50Microseconds: microseconds(0.5), p99Microseconds: microseconds(0.99),
      p999Microseconds: microseconds(0.999),
      maxMicroseconds: Double(result.histogram.largest) / 1000,
      serverCPUMicrosecondsPerRequest: answered == 0
        ? 0 : Double(after.cpuMicroseconds - before.cpuMicroseconds) / Double(answered),
      serverMemory: RPCLoadMemory(
        startBytes: before.memoryBytes, middleBytes: middleBytes, endBytes: after.memoryBytes),
      swaps: changes.map { LoadSwaps.describe($0, timeline) })
  }

  private static func require(_ condition: Bool, _ message: String) throws(RPCError) {
    if !condition { throw RPCError(code: .invalidArgument, message: message) }
  }

  private static func check(
    connections: Int, outstanding: Int, _ rate: Double?
  ) throws(RPCError) {
    try require(
      (1...4096).contains(connections), "connections must be 1 to 4096, not \(connections)")
    try require(
      (1...4096).contains(outstanding), "outstanding must be 1 to 4096, not \(outstanding)")
    if let rate {
      try require(
        rate.isFinite && rate >= 0.001, "a rate must be at least 0.001 a second, not \(rate)")
    }
  }

  /// One stretch of load on connections of its own.
  private static func phase(
    _ load: Load, _ templates: any RequestTemplates, _ duration: Duration, seed: UInt64,
    _ group: any EventLoopGroup
  ) async throws(RPCError) -> (LoadConnectionHandler.Result, [LoadSecond]) {
    let start = NIODeadline.now()
    let interval = load.requestsPerSecond.map { 1e9 * Double(load.connections) / $0 }
    let outstanding = interval == nil ? load.outstanding : RPCLoadPlan.maxOpenLoopOutstanding
    let (seconds, attoseconds) = duration.components
    let time = TimeAmount.nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    var results: [EventLoopFuture<LoadConnectionHandler.Result>] = []
    var timelines: [ObjectIdentifier: NIOLoopBoundBox<LoadTimeline>] = [:]
    do {
      for index in 0..<load.connections {
        let eventLoop = group.next()
        let key = ObjectIdentifier(eventLoop)
        if load.reloadInterval != nil, timelines[key] == nil {
          timelines[key] = .makeBoxSendingValue(LoadTimeline(start: start), eventLoop: eventLoop)
        }
        let timeline = timelines[key]
        let done = eventLoop.makePromise(of: LoadConnectionHandler.Result.self)
        let connecting = ClientBootstrap(group: eventLoop)
          .channelOption(.tcpOption(.tcp_nodelay), value: 1)
          .channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
              let handler = LoadConnectionHandler(
                templates: templates, token: load.token, outstanding: outstanding,
                interval: interval, seed: seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15,
                number: index, timeline: timeline?.value, done: done)
              if let tls = try load.tls?.makeHandler(host: load.host) {
                try channel.pipeline.syncOperations.addHandler(tls)
              }
              try channel.pipeline.syncOperations.addHandler(handler)
              let bound = NIOLoopBound(handler, eventLoop: eventLoop)
              eventLoop.scheduleTask(in: time) { bound.value.stop(patience: patience) }
            }
          }
          .connect(host: load.host, port: load.port)
        connecting.whenFailure { done.fail($0) }
        _ = try await connecting.get()
        results.append(done.futureResult)
      }
      var total = LoadConnectionHandler.Result()
      for future in results {
        let result = try await future.get()
        total.histogram.add(result.histogram)
        total.requests += result.requests
        total.errors += result.errors
      }
      var seen: [[LoadSecond]] = []
      for timeline in timelines.values {
        seen.append(try await timeline.eventLoop.submit { timeline.value.seconds }.get())
      }
      return (total, LoadTimeline.sum(seen))
    } catch {
      throw RPCError(code: .unavailable, message: "the load could not run: \(error)")
    }
  }
}
