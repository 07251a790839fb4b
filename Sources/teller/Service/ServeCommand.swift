internal import ArgumentParser
internal import EventLog
internal import Experiments
internal import Foundation
internal import InteractionData
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import PrometheusExposition
internal import RecommenderModels
internal import RecommenderRPC
internal import RecommenderService

/// `teller serve`
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Answer Recommend, SimilarItems and Feedback over TCP.",
    discussion: """
      Cold products, those put by 'teller items put' among them, are tried in the last place of \
      some answers: see --exploration-weight.

      Prints one line with the address once it answers; logs go to stderr. SIGTERM or SIGINT stops \
      it in good order: what was asked is answered, what was fed back is on disk. SIGHUP makes it \
      read certificates and tokens anew, SIGUSR1 train the models anew. It is open on \
      loopback only, unless told otherwise.

      Examples:
        teller serve --listen 127.0.0.1:7001
        teller serve --listen 0.0.0.0:7001 --tls-certificate server.pem --tls-key server.key \
          --tokens tokens.txt
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup(title: "Security") var security: ServerSecurityOptions

  @Option(help: "HOST:PORT to listen on; port 0 takes a free one.")
  var listen = ServerAddress(host: "127.0.0.1", port: 7001)

  @Option(help: "A recipe or version; the best recipe that was trained, when not given.")
  var model: String?

  @Option(
    help:
      "How much of the answers' last places may go to cold products, 0 to 1; 0 explores nothing.")
  var explorationWeight: Float = 0.3

  @Option(help: "Products younger than this many days are cold, 1 to 3650.")
  var explorationItemAgeCutOff = 30

  @Option(help: "Seconds after which a product that was shown counts as not wanted, 1 to 2592000.")
  var responseWindow = 3600

  @Option(help: "What exploration draws from, together with each answer's identifier.")
  var explorationSeed: UInt64 = 1

  @Option(
    help: "The file of an experiment whose arms have exploration weights or models of their own.")
  var experiment: String?

  @OptionGroup var record: RecordOptions
  @OptionGroup var updates: ModelUpdateOptions
  @OptionGroup var observation: ObservationOptions

  @Option(
    help: ArgumentHelp(
      "What tells this run's recommendations from others'; drawn when not given.",
      discussion:
        "With the same number and requests a run draws the same: for tests.",
      visibility: .hidden))
  var instance: UInt64?

  private var exploration: ExplorationConfiguration {
    ExplorationConfiguration(
      weight: explorationWeight, itemAgeCutOffDays: explorationItemAgeCutOff,
      responseWindowSeconds: responseWindow, seed: explorationSeed)
  }

  func validate() throws {
    do {
      try exploration.validate()
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      let logger = observation.makeLogger()
      let stop = AwaitedSignal.stop()
      let hangUp = AwaitedSignal.reload()
      let retrain = AwaitedSignal.retrain()
      let loadedSecurity = try security.load()
      try loadedSecurity.check(listeningOn: listen.host, isOpenWanted: security.insecure)
      logger.log(loadedSecurity, listeningOn: listen.host)
      let limits = try OpenFileLimit.connectionLimits(logger)
      let experiment = try experiment.map { try Experiment(path: $0) }
      let source = ModelSource(
        datasetFolder: shared.datasetFolder, store: shared.models, model: model)
      let models = try source.load()
      let lock = try WorkspaceLock(workspace: shared.workspace)
      defer { withExtendedLifetime(lock) {} }
      let metrics = ServingMetrics(eventLogPath: shared.eventLogPath)
      let service = try load(models, experiment, logger, metrics)
      let updater = ModelUpdater(
        service: service, metrics: metrics.registry, report: { logger.notice("\($0)") },
        newest: source.newest)
      metrics.observe(service)
      let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
      let instance = instance ?? UInt64.random(in: 0...UInt64.max)
      let answerLog = try record.open(shared, instance: instance, logger)
      let server: RPCServer
      do {
        server = try await RPCServer.start(
          host: listen.host, port: listen.port, group: group, limits: limits,
          report: { logger.log($0) }, security: loadedSecurity,
          makeMethods: { eventLoop in
            ServiceMethods(
              service: service, eventLoop: eventLoop, instance: instance, answerLog: answerLog,
              nowMilliseconds: SystemClock.nowMilliseconds,
              updater: updater, status: metrics.samples)
          })
      } catch {
        throw RPCError(code: .unavailable, message: "cannot listen on \(listen): \(error)")
      }
      metrics.observe(server)
      if let answerLog { metrics.observe(answerLog) }
      let endpoint = try await observation.startEndpoint(metrics.registry) {
        !server.counts.isDraining
      }
      CommandOutput.line("listening \(server.address)")
      if let endpoint { CommandOutput.line("metrics http://\(endpoint.address)/metrics") }
      if shared.json {
        let metrics = endpoint.map { ["metrics": $0.address] } ?? [:]
        try? CommandOutput.json(metrics.merging(["listening": server.address]) { $1 })
      }
      let retraining = Retraining(
        workspace: shared.workspace, datasetFolder: shared.datasetFolder, store: shared.models,
        eventLogPath: shared.eventLogPath)
      let updating = Task { [updates] in
        await updates.run(updater, source, retraining, at: retrain, logger)
      }
      let reload = SecurityReload(options: security, server: server, logger: logger)
      // One listener: of several for the same signal not each would be told.
      let reloading = Task {
        while await hangUp.wait() != nil {
          await reload.run()
          updater.update(.reload)
        }
      }
      let signal = await stop.wait() ?? ""
      reloading.cancel()
      updating.cancel()
      logger.info("stopping", metadata: ["signal": "\(signal)"])
      await server.drain()
      service.close()
      answerLog?.close()
      await endpoint?.stop()
      try await group.shutdownGracefully()
      logger.info("stopped", metadata: ["requests": "\(server.requests)"])
    }
  }

  private func load(
    _ models: ServingModels, _ experiment: Experiment?, _ logger: Logger,
    _ metrics: ServingMetrics
  ) throws -> LoadedService {
    var exploration = exploration
    exploration.experiment = experiment
    let start = SystemClock.elapsed()
    if models.similarity == nil {
      logger.warning("no sims model: similar items will be popular items; run 'teller train sims'")
    }
    let store = try SQLiteEventStore(path: shared.eventLogPath)
    let removed = try record.compact(store, datasetEnd: models.dataset.knownThrough)
    if removed > 0 { logger.notice("\(removed) events were older than their retention") }
    let service = try LoadedService(
      models: models,
      store: store, items: SQLiteItemStore(path: shared.itemsPath), exploration: exploration,
      checkpoint: record.checkpoint(shared), threadCount: threads.count,
      serverVersion: Version.current,
      nowMilliseconds: SystemClock.nowMilliseconds, metrics: metrics.registry,
      report: { logger.notice("\($0)") },
      whenScored: {
        let seconds = CommandOutput.fixed((SystemClock.elapsed() - start).seconds, 2)
        logger.info("all customers are scored", metadata: ["seconds": "\(seconds)"])
      })
    if let reason = service.noExplorationReason {
      logger.notice("cold products are not explored: \(reason)")
    }
    if let reason = service.staticSimilarityReason {
      logger.notice("similar items do not follow feedback: \(reason)")
    }
    logger.info(
      "loaded",
      metadata: [
        "model": "\(models.primary.version)",
        "customers": "\(models.dataset.customers.count)",
        "items": "\(models.dataset.items.count)",
        "replayed_events": "\(service.replayedEventCount)",
        "seconds": "\(CommandOutput.fixed((SystemClock.elapsed() - start).seconds, 2))",
      ])
    return service
  }
}
