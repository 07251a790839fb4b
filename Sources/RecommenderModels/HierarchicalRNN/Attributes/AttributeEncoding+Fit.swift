internal import Foundation
internal import InteractionData
internal import TensorFiles

/// ln(1 + x), without loss for small x.
func logarithm1p(_ value: Float) -> Float { log1pf(value) }

extension AttributeEncoding {
  /// What rows are, which decides what becomes of texts.
  enum Subject {
    /// A text is one category; it has a place of its own if it is frequent.
    case customers
    /// A text is split at `|`; each category of two items or more has a place of its own.
    case items

    var categoryLimit: Int {
      self == .customers ? AttributeEncoding.categoryLimit : AttributeEncoding.itemCategoryLimit
    }

    /// How many rows a category must be of.
    func leastCount(rows: Int) -> Int {
      // Rare categories teach nothing but themselves; few customers allow rarer ones.
      self == .customers ? min(50, max(5, rows / 400)) : 2
    }
  }

  /// Fits an encoding to a table of attributes.
  ///
  /// - Parameters:
  ///   - table: the attributes of all customers, or of all items.
  ///   - subject: which of them.
  init(fitting table: AttributeTable, of subject: Subject = .customers) {
    for column in table.columns.prefix(Self.columnLimit) {
      switch column.values {
      case .numeric(let values):
        if let column = Self.fit(name: column.name, values.buffer) { numeric.append(column) }
      case .categorical(let codes, let categories):
        if let column = Self.fit(name: column.name, codes.buffer, categories, subject) {
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

  /// Fits an encoding to a dataset's customers, or to nothing where settings say so.
  init(ofCustomers dataset: Dataset, _ settings: HRNNConfiguration) {
    self.init(
      fitting: settings.readsMetadata ? dataset.customerAttributes : AttributeTable())
  }

  /// The categories of a text, each once.
  static func split(_ text: String) -> [String] {
    var parts: [String] = []
    for part in text.split(separator: "|") {
      let name = part.trimmingCharacters(in: .whitespaces)
      if !name.isEmpty && !parts.contains(name) { parts.append(name) }
    }
    return parts
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
    name: String, _ codes: UnsafeBufferPointer<UInt16>, _ texts: [String], _ subject: Subject
  ) -> Categorical? {
    var textCounts = [Int](repeating: 0, count: texts.count)
    for code in codes where Int(code) < textCounts.count { textCounts[Int(code)] += 1 }
    var isSplit: Bool?
    var counts: [String: Int] = [:]
    for (text, count) in zip(texts, textCounts) {
      let parts = subject == .items ? split(text) : [text]
      if parts.count > 1 { isSplit = true }
      for part in parts { counts[part, default: 0] += count }
    }
    let least = subject.leastCount(rows: codes.count)
    let frequent = counts.filter { $0.value >= least }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .prefix(subject.categoryLimit)
    if frequent.isEmpty { return nil }
    // What every row has says nothing.
    if subject == .items, frequent.count == 1, frequent[0].value == codes.count { return nil }
    return Categorical(name: name, categories: frequent.map(\.key), isSplit: isSplit)
  }
}
