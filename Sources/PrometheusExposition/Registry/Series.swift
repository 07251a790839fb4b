public import CoreMetrics
internal import Synchronization

/// One series of a family.
protocol Series: AnyObject, Sendable {
  /// Its numbers now.
  func samples(name: String, labels: [MetricLabel]) -> [MetricSample]
}

/// A number that only grows.
public final class CounterSeries: CounterHandler, FloatingPointCounterHandler, Series {
  private let value = Mutex(0.0)

  /// Adds; less than nothing is not added.
  public func increment(by amount: Int64) { increment(by: Double(amount)) }

  /// Adds; less than nothing is not added.
  public func increment(by amount: Double) {
    guard amount > 0 else { return }
    value.withLock { $0 += amount }
  }

  /// Back to 0.
  public func reset() { value.withLock { $0 = 0 } }

  /// Takes over a total that is counted elsewhere.
  public func publish(total: Double) { value.withLock { $0 = total } }

  func samples(name: String, labels: [MetricLabel]) -> [MetricSample] {
    [MetricSample(name: name, labels: labels, value: value.withLock { $0 })]
  }
}

/// A number that goes up and down.
public final class GaugeSeries: MeterHandler, RecorderHandler, Series {
  private let value = Mutex(0.0)

  /// Sets the number.
  public func set(_ number: Int64) { set(Double(number)) }
  /// Sets the number.
  public func set(_ number: Double) { value.withLock { $0 = number } }
  /// Adds.
  public func increment(by amount: Double) { value.withLock { $0 += amount } }
  /// Takes away.
  public func decrement(by amount: Double) { value.withLock { $0 -= amount } }
  /// Sets the number.
  public func record(_ number: Int64) { set(number) }
  /// Sets the number.
  public func record(_ number: Double) { set(number) }

  func samples(name: String, labels: [MetricLabel]) -> [MetricSample] {
    [MetricSample(name: name, labels: labels, value: value.withLock { $0 })]
  }
}

/// Counts of observations up to fixed bounds.
public final class HistogramSeries: RecorderHandler, TimerHandler, Series {
  private struct State {
    /// By the first bound that is not less than the observation; one more for the rest.
    var counts: [UInt64]
    var sum = 0.0
  }

  /// The bounds, ascending.
  public let bounds: [Double]
  private let state: Mutex<State>

  init(bounds: [Double]) {
    precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds must ascend")
    self.bounds = bounds
    state = Mutex(State(counts: [UInt64](repeating: 0, count: bounds.count + 1)))
  }

  /// Counts an observation.
  public func record(_ value: Int64) { record(Double(value)) }

  /// Counts an observation; what is no number is not counted.
  public func record(_ value: Double) {
    guard !value.isNaN else { return }
    let place = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock { state in
      state.counts[place] += 1
      state.sum += value
    }
  }

  /// Counts a duration, in seconds.
  public func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

  /// Takes over counts made elsewhere.
  ///
  /// - Parameters:
  ///   - counts: the observations of each bound alone, not of those below it; the last is what is
  ///     beyond all. `[bounds + 1]`
  ///   - sum: of all observations.
  public func publish(counts: [UInt64], sum: Double) {
    precondition(counts.count == bounds.count + 1, "\(counts.count) counts")
    state.withLock { $0 = State(counts: counts, sum: sum) }
  }

  func samples(name: String, labels: [MetricLabel]) -> [MetricSample] {
    let state = state.withLock { $0 }
    var total: UInt64 = 0
    var samples: [MetricSample] = []
    for (place, count) in state.counts.enumerated() {
      total += count
      let bound = place < bounds.count ? MetricText.number(bounds[place]) : "+Inf"
      samples.append(
        MetricSample(
          name: name + "_bucket", labels: labels + [MetricLabel(name: "le", value: bound)],
          value: Double(total)))
    }
    samples.append(MetricSample(name: name + "_sum", labels: labels, value: state.sum))
    samples.append(MetricSample(name: name + "_count", labels: labels, value: Double(total)))
    return samples
  }
}
