internal import Foundation
internal import InteractionData
internal import TensorFiles

/// ln(1 + x), without loss for small x.
func logarithm1p(_ value: Float) -> Float { log1pf(value) }

extension AttributeEncoding {
  /// Fits an encoding to a table of attributes.
  ///
  /// - Parameter table: the attributes of all customers.
  init(fitting table: AttributeTable) {
    for column in table.columns.prefix(Self.columnLimit) {
      switch column.values {
      case .numeric(let values):
        if let column = Self.fit(name: column.name, values.buffer) { numeric.append(column) }
      case .categorical(let codes, let categories):
        if let column = Self.fit(name: column.name, codes.buffer, categories) {
          categorical.append(column)
        }
      }
    }
  }

  private static func fit(name: String, _ values: UnsafeBufferPointer<Float>) -> Numeric? {
    let stride = max(1, (values.count + sampleLimit - 1) / sampleLimit)
    var sample: [Float] = []
    for index in Swift.stride(from: 0, to: values.count, by: stride)
    where values[index].isFinite {
      sample.append(values[index])
    }
    sample.sort()
    guard let first = sample.first, let last = sample.last, first < last else { return nil }
    // A few absurd values (an age of 999, a sentinel) must not set the scale.
    let low = sample[sample.count / 200]
    let high = sample[sample.count - 1 - sample.count / 200]
    let clipped = low < high ? sample.map { min(max($0, low), high) } : sample
    let (moments, skewness) = moments(of: clipped)
    guard moments.scale > 0, moments.scale.isFinite, moments.mean.isFinite else { return nil }
    var column = Numeric(
      name: name, mean: moments.mean, scale: moments.scale, logarithm: nil,
      bandEdges: edges(of: sample))
    if abs(skewness) > skewnessLimit, !column.bandEdges.isEmpty {
      let logarithms = Self.moments(of: clipped.map(signedLogarithm)).moments
      if logarithms.scale > 0, logarithms.scale.isFinite { column.logarithm = logarithms }
    }
    return column
  }

  private static func moments(of values: [Float]) -> (moments: Moments, skewness: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0.0) { $0 + Double($1) } / count
    var second = 0.0
    var third = 0.0
    for value in values {
      let distance = Double(value) - mean
      second += distance * distance
      third += distance * distance * distance
    }
    let deviation = (second / count).squareRoot()
    let skewness = deviation > 0 ? third / count / (deviation * deviation * deviation) : 0
    return (Moments(mean: Float(mean), scale: Float(deviation)), skewness)
  }

  /// Band ends at equal shares of a sorted sample; none for a switch of two values.
  private static func edges(of sorted: [Float]) -> [Float] {
    var edges: [Float] = []
    for band in 1..<bandLimit {
      let edge = sorted[sorted.count * band / bandLimit]
      if edge > (edges.last ?? sorted[0]) { edges.append(edge) }
    }
    return edges.count > 1 ? edges : []
  }

  private static func fit(
    name: String, _ codes: UnsafeBufferPointer<UInt16>, _ categories: [String]
  ) -> Categorical? {
    var counts = [Int](repeating: 0, count: categories.count)
    for code in codes where Int(code) < counts.count { counts[Int(code)] += 1 }
    // Rare categories teach nothing but themselves; few customers allow rarer ones.
    let least = min(50, max(5, codes.count / 400))
    let frequent = counts.indices.filter { counts[$0] >= least }
      .sorted { (counts[$1], categories[$0]) < (counts[$0], categories[$1]) }
      .prefix(categoryLimit)
    if frequent.isEmpty { return nil }
    return Categorical(name: name, categories: frequent.map { categories[$0] })
  }
}
