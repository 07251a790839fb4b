public import CoreMetrics
internal import Synchronization

/// Keeps the metrics that swift-metrics is told of, and lists them as Prometheus reads them.
///
/// Labels of swift-metrics are taken as the names of families and dimensions as labels, both as they
/// are: use the conventions of Prometheus (`_total` for counters, base units, `snake_case`); what is
/// not allowed in a name becomes `_`. Recorders that aggregate and timers are histograms with fixed
/// bounds.
///
/// What is cheaper to count elsewhere is brought here by a collector, which runs at the beginning of
/// every ``families()``.
public final class PrometheusRegistry: MetricsFactory {
  /// The most series that are kept; further ones are counted by nobody, so that a label with many
  /// values cannot fill the memory.
  public static let seriesLimit = 10_000
  /// Bounds of timers in seconds.
  public static let timerBounds = [
    0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025,
    0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]
  /// Bounds of recorders that aggregate.
  public static let recorderBounds = [1.0, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000]

  private struct Family {
    let kind: MetricKind
    var series: [[MetricLabel]: any Series] = [:]
  }

  private struct State {
    var families: [String: Family] = [:]
    var help: [String: String] = [:]
    var seriesCount = 0
    var collectors: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())
  private let seriesLimit: Int

  /// Makes a registry without a series.
  public init(seriesLimit: Int = PrometheusRegistry.seriesLimit) { self.seriesLimit = seriesLimit }

  /// Says in a line what a family is.
  public func describe(_ name: String, _ help: String) {
    state.withLock { $0.help[MetricName.family(name)] = help }
  }

  /// Adds work that brings series up to date before they are listed. It must be quick, and may be
  /// called from any thread.
  public func addCollector(_ collect: @escaping @Sendable () -> Void) {
    state.withLock { $0.collectors.append(collect) }
  }

  /// Every family with its series, in the order of their names.
  public func families() -> [MetricFamily] {
    // Outside the lock: collectors make and set series.
    for collect in state.withLock({ $0.collectors }) { collect() }
    let (families, help) = state.withLock { ($0.families, $0.help) }
    return families.sorted { $0.key < $1.key }.map { name, family in
      MetricFamily(
        name: name, help: help[name] ?? "", kind: family.kind,
        samples: family.series.sorted { $0.key.lexicographicallyPrecedes($1.key) }
          .flatMap { $1.samples(name: name, labels: $0) })
    }
  }

  /// The series of a name and labels, made by `make` when it is not there.
  ///
  /// One that would be beyond the limit is made, and is listed nowhere.
  private func series<S: Series>(
    _ name: String, _ dimensions: [(String, String)], _ kind: MetricKind, _ make: () -> S
  ) -> S {
    let name = MetricName.family(name)
    let labels = dimensions.map { MetricLabel(name: MetricName.label($0), value: $1) }.sorted()
    return state.withLock { state in
      var family = state.families[name] ?? Family(kind: kind)
      precondition(family.kind == kind, "\(name) is a \(family.kind), and now a \(kind)")
      if let known = family.series[labels] {
        guard let series = known as? S else {
          preconditionFailure("\(name) is made by \(S.self) and by \(type(of: known))")
        }
        return series
      }
      let series = make()
      guard state.seriesCount < seriesLimit else { return series }
      state.seriesCount += 1
      family.series[labels] = series
      state.families[name] = family
      return series
    }
  }

  /// Takes a series out of the list.
  private func remove(_ handler: AnyObject) {
    state.withLock { state in
      for (name, family) in state.families {
        for (labels, series) in family.series where series === handler {
          state.families[name]?.series[labels] = nil
          state.seriesCount -= 1
          if state.families[name]?.series.isEmpty == true { state.families[name] = nil }
          return
        }
      }
    }
  }

  /// A histogram that takes counts made elsewhere; see ``HistogramSeries/publish(counts:sum:)``.
  public func histogram(
    _ name: String, dimensions: [(String, String)], bounds: [Double]
  ) -> HistogramSeries {
    series(name, dimensions, .histogram) { HistogramSeries(bounds: bounds) }
  }

  /// A counter that takes totals made elsewhere; see ``CounterSeries/publish(total:)``.
  public func counter(_ name: String, dimensions: [(String, String)] = []) -> CounterSeries {
    series(name, dimensions, .counter) { CounterSeries() }
  }

  /// A gauge.
  public func gauge(_ name: String, dimensions: [(String, String)] = []) -> GaugeSeries {
    series(name, dimensions, .gauge) { GaugeSeries() }
  }

  /// Removes a gauge that no longer applies, such as that of a model that was replaced.
  public func remove(_ gauge: GaugeSeries) { remove(gauge as AnyObject) }

  // MARK: What swift-metrics asks for

  /// See `MetricsFactory`.
  public func makeCounter(
    label: String, dimensions: [(String, String)]
  ) -> any CounterHandler { counter(label, dimensions: dimensions) }

  /// See `MetricsFactory`.
  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler { counter(label, dimensions: dimensions) }

  /// See `MetricsFactory`.
  public func makeMeter(
    label: String, dimensions: [(String, String)]
  ) -> any MeterHandler { gauge(label, dimensions: dimensions) }

  /// See `MetricsFactory`.
  public func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    guard aggregate else { return gauge(label, dimensions: dimensions) }
    return histogram(label, dimensions: dimensions, bounds: Self.recorderBounds)
  }

  /// See `MetricsFactory`.
  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    histogram(label, dimensions: dimensions, bounds: Self.timerBounds)
  }

  /// See `MetricsFactory`.
  public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
  /// See `MetricsFactory`.
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
    remove(handler)
  }
  /// See `MetricsFactory`.
  public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
  /// See `MetricsFactory`.
  public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
  /// See `MetricsFactory`.
  public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
