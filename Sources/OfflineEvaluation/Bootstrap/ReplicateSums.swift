/// What a replicate sums up: the adders' rows of all models, and how many customers found nothing.
struct ReplicateSums: Sendable {
  private let metrics: [RankingMetric]
  private let modelCount: Int
  private let adderCustomers: [UInt32]
  /// All models' metrics, adder by adder. `[adders, models, metrics]`
  private let rows: [Float]
  /// Evaluated rows without anything to find, of customers who are adders in another split.
  private let emptyCustomers: [UInt32]
  /// Customers who are never adders, by the number of splits they are evaluated in.
  private let neverAdders: [Int: Int]

  init(results: [EvaluationResult]) {
    metrics = results.first?.metrics ?? []
    modelCount = results.count
    guard let first = results.first else {
      (adderCustomers, rows, emptyCustomers, neverAdders) = ([], [], [], [:])
      return
    }
    for result in results {
      precondition(
        result.customers.count == first.customers.count
          && result.adderPositions.count == first.adderPositions.count,
        "results of \(result.customers.count) and \(first.customers.count) customers")
    }
    adderCustomers = first.adderPositions.map { first.customers[$0] }
    var rows: [Float] = []
    rows.reserveCapacity(adderCustomers.count * modelCount * metrics.count)
    for adder in adderCustomers.indices {
      for result in results {
        for metric in metrics.indices {
          rows.append(Float(result.rows[adder * metrics.count + metric]))
        }
      }
    }
    self.rows = rows
    let customerLimit = Int(first.customers.max() ?? 0) + 1
    var isAdder = [Bool](repeating: false, count: customerLimit)
    for customer in adderCustomers { isAdder[Int(customer)] = true }
    var evaluations = [Int](repeating: 0, count: customerLimit)
    for customer in first.customers { evaluations[Int(customer)] += 1 }
    var empty: [UInt32] = []
    var never: [Int: Int] = [:]
    for customer in 0..<customerLimit where evaluations[customer] > 0 && !isAdder[customer] {
      never[evaluations[customer], default: 0] += 1
    }
    for customer in adderCustomers { evaluations[Int(customer)] -= 1 }
    for customer in 0..<customerLimit where isAdder[customer] {
      for _ in 0..<max(0, evaluations[customer]) { empty.append(UInt32(customer)) }
    }
    emptyCustomers = empty
    neverAdders = never
  }

  /// The means of a replicate. `[models, metrics]`
  func means(_ sample: BootstrapSample) -> [Double] {
    let width = modelCount * metrics.count
    var sums = [Double](repeating: 0, count: width)
    var adders = 0
    rows.withUnsafeBufferPointer { rows in
      sums.withUnsafeMutableBufferPointer { sums in
        for (adder, customer) in adderCustomers.enumerated() {
          let weight = sample.weight(of: customer)
          if weight == 0 { continue }
          adders += weight
          let factor = Double(weight)
          let start = adder * width
          for column in 0..<width { sums[column] += factor * Double(rows[start + column]) }
        }
      }
    }
    var customers = Double(adders)
    for customer in emptyCustomers { customers += Double(sample.weight(of: customer)) }
    for (evaluations, count) in neverAdders.sorted(by: { $0.key < $1.key }) {
      customers += Double(evaluations) * sample.weight(ofMany: count)
    }
    for column in 0..<width {
      let isOverAll = metrics[column % metrics.count].kind == .meanAveragePrecision
      // A draw of nobody has means of 0, like a split without adders.
      sums[column] /= max(isOverAll ? customers : Double(adders), 1)
    }
    return sums
  }
}
