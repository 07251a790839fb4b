internal import Foundation
internal import InteractionData
internal import OfflineEvaluation
internal import RecommenderModels

/// What a model that did not serve says of the customers and items of a log.
struct CandidateScores: Sendable {
  let name: String
  /// The row of each customer of the log; -1 for those the model does not know.
  private let rows: [Int]
  /// The column of each item of the log; -1 for those the model does not know.
  private let columns: [Int]
  private let values: [Float]
  private let width: Int

  /// The customers of the log whom the model does not know.
  var unknownCustomers: Int { rows.count { $0 < 0 } }

  private init(
    name: String, _ log: LoggedAnswers, dataset: Dataset, rows: [Int], values: [Float]
  ) {
    self.name = name
    self.rows = rows
    self.values = values
    columns = log.items.map { dataset.items.identifiers.index(of: $0) ?? -1 }
    width = dataset.items.count
  }

  /// Scores the customers by a model, as they are in the dataset.
  init(_ stored: StoredModel, _ log: LoggedAnswers, dataset: Dataset, threadCount: Int) throws {
    guard let lastMonth = dataset.lastMonth else {
      throw ModelError.unsuitableDataset(
        kind: stored.manifest.kind, reason: "the dataset is empty")
    }
    var rows = [Int](repeating: -1, count: log.customers.count)
    var customers: [UInt32] = []
    for (place, name) in log.customers.enumerated() {
      guard let customer = dataset.customers.index(of: name) else { continue }
      rows[place] = customers.count
      customers.append(UInt32(customer))
    }
    let scorer = stored.recommender.scorer(for: dataset, targetMonth: lastMonth.advanced(by: 1))
    let width = dataset.items.count
    let output = ScoreOutput(count: customers.count * width)
    CustomerRanking(dataset: dataset, scorer: scorer).forEach(
      customers: customers, threadCount: threadCount, masked: false
    ) { position, scores in
      _ = output.values.extracting(position * width..<(position + 1) * width)
        .update(fromContentsOf: scores)
    }
    self.init(
      name: stored.version, log, dataset: dataset, rows: rows, values: Array(output.values))
  }

  /// Takes the scores that another program wrote.
  init(_ foreign: ForeignScores, _ log: LoggedAnswers, dataset: Dataset) {
    let table = foreign.table
    var places: [UInt32: Int] = [:]
    for (place, customer) in table.customers.enumerated() { places[customer] = place }
    let rows = log.customers.map { name in
      dataset.customers.index(of: name).flatMap { places[UInt32($0)] } ?? -1
    }
    self.init(name: foreign.name, log, dataset: dataset, rows: rows, values: table.values)
  }

  /// The policies that order by these scores, with their names.
  var policies: [(name: String, policy: any TargetPolicy)] {
    let score: @Sendable (Int, Int) -> Double? = { customer, item in
      let (row, column) = (rows[customer], columns[item])
      return row < 0 || column < 0 ? nil : Double(values[row * width + column])
    }
    return [
      (name, RerankingPolicy(reach: .slate, score: score)),
      ("\(name) last", RerankingPolicy(reach: .lastSlot, score: score)),
    ]
  }
}

/// Memory that several threads write, each row by one of them.
private final class ScoreOutput: @unchecked Sendable {
  let values: UnsafeMutableBufferPointer<Float>

  init(count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: 0)
  }

  deinit { values.deallocate() }
}
