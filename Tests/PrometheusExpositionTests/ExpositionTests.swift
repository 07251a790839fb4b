internal import CoreMetrics
internal import Testing

@testable internal import PrometheusExposition

@Suite struct ExpositionTests {
  @Test func thePageIsThisToTheByte() {
    let registry = PrometheusRegistry()
    registry.describe("teller_requests_total", "Requests answered,\nby \\ and \"status\".")
    Counter(
      label: "teller_requests_total", dimensions: [("status", "OK"), ("method", "Recommend")],
      factory: registry
    ).increment(by: 12)
    Counter(
      label: "teller_requests_total", dimensions: [("method", "Feed\"back\\\n"), ("status", "OK")],
      factory: registry
    ).increment()
    Meter(label: "teller connections.now", factory: registry).set(-2.5)
    FloatingPointCounter(label: "process_cpu_seconds_total", factory: registry).increment(by: 0.75)
    Timer(label: "teller_wait_seconds", factory: registry).recordNanoseconds(2_500_000_000)
    let duration = registry.histogram(
      "teller_request_duration_seconds", dimensions: [("method", "Recommend")],
      bounds: [0.00001, 0.5, 1])
    duration.publish(counts: [3, 2, 0, 1], sum: 4.5)
    registry.addCollector { Meter(label: "teller_late", factory: registry).set(Int64(7)) }
    var families = registry.families()
    // The long list of a timer's bounds is looked at below.
    families.removeAll { $0.name == "teller_wait_seconds" }
    #expect(
      MetricText.format(families) == """
        # TYPE process_cpu_seconds_total counter
        process_cpu_seconds_total 0.75
        # TYPE teller_connections_now gauge
        teller_connections_now -2.5
        # TYPE teller_late gauge
        teller_late 7
        # TYPE teller_request_duration_seconds histogram
        teller_request_duration_seconds_bucket{method="Recommend",le="1e-05"} 3
        teller_request_duration_seconds_bucket{method="Recommend",le="0.5"} 5
        teller_request_duration_seconds_bucket{method="Recommend",le="1"} 5
        teller_request_duration_seconds_bucket{method="Recommend",le="+Inf"} 6
        teller_request_duration_seconds_sum{method="Recommend"} 4.5
        teller_request_duration_seconds_count{method="Recommend"} 6
        # HELP teller_requests_total Requests answered,\\nby \\\\ and "status".
        # TYPE teller_requests_total counter
        teller_requests_total{method="Feed\\"back\\\\\\n",status="OK"} 1
        teller_requests_total{method="Recommend",status="OK"} 12

        """)
    let wait = registry.families().first { $0.name == "teller_wait_seconds" }?.samples ?? []
    #expect(wait.count == PrometheusRegistry.timerBounds.count + 3)
    #expect(wait.filter { $0.value == 1 && $0.name.hasSuffix("_bucket") }.count == 4)
    #expect(wait.first { $0.name == "teller_wait_seconds_sum" }?.value == 2.5)
  }

  @Test func numbersReadBackAsTheyWere() {
    #expect(MetricText.number(0) == "0")
    #expect(MetricText.number(-3) == "-3")
    #expect(MetricText.number(0.1) == "0.1")
    #expect(MetricText.number(9_007_199_254_740_991) == "9007199254740991")
    #expect(Double(MetricText.number(1e300)) == 1e300)
    #expect(MetricText.number(.infinity) == "+Inf")
    #expect(MetricText.number(-.infinity) == "-Inf")
    #expect(MetricText.number(.nan) == "NaN")
  }

  @Test func namesAreThoseThatPrometheusAllows() {
    #expect(MetricName.family("http.requests-total") == "http_requests_total")
    #expect(MetricName.family("a:b") == "a:b")
    #expect(MetricName.label("a:b") == "a_b")
    #expect(MetricName.family("9lives") == "_9lives")
    #expect(MetricName.family("") == "_")
    #expect(MetricName.label("ñ") == "__")
  }

  @Test func atTheLimitOfSeriesFurtherOnesAreListedNowhere() {
    let registry = PrometheusRegistry(seriesLimit: 3)
    for number in 0..<4 {
      Counter(label: "c_total", dimensions: [("n", "\(number)")], factory: registry).increment()
    }
    #expect(registry.families().first?.samples.count == 3)
    // A known one is found again, and goes on.
    Counter(label: "c_total", dimensions: [("n", "1")], factory: registry).increment()
    #expect(registry.families().first?.samples.map(\.value) == [1, 2, 1])
    let counter = Counter(label: "c_total", dimensions: [("n", "0")], factory: registry)
    counter.destroy()
    #expect(registry.families().first?.samples.count == 2)
    Meter(label: "g", factory: registry).set(Int64(1))
    #expect(registry.families().count == 2)
  }

  @Test func countersOnlyGrowAndGaugesFollow() {
    let registry = PrometheusRegistry()
    let counter = registry.counter("c_total")
    counter.increment(by: Int64(-5))
    counter.increment(by: 2.0)
    let gauge = registry.gauge("g")
    gauge.increment(by: 4)
    gauge.decrement(by: 1.5)
    let histogram = registry.histogram("h", dimensions: [], bounds: [1, 2])
    for value in [0.5, 1, 1.5, 3, .nan] { histogram.record(value) }
    let values = registry.families().map { $0.samples.map(\.value) }
    #expect(values == [[2], [2.5], [2, 3, 4, 6, 4]])
    counter.reset()
    registry.remove(gauge)
    #expect(registry.families().map(\.name) == ["c_total", "h"])
    #expect(registry.families()[0].samples[0].value == 0)
  }
}
