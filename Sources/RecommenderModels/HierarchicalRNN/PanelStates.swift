public import InteractionData
internal import LinearAlgebra

/// Every customer's state before the last month of a panel: what a new event in that month, the
/// live one, need not compute again.
///
/// Scoring a customer anew is one step of the network, whatever the length of the history, and
/// gives the very bits that a replay of the whole history gives.
public final class PanelStates: Sendable {
  /// The networks that are averaged; one as a rule.
  private let networks: [PanelScorer]
  /// `[customers, units]` of each network.
  private let states: [FloatBuffer]

  /// The number of customers.
  public let customerCount: Int
  /// The memory that the states take.
  public var byteCount: Int { states.reduce(0) { $0 + $1.count * MemoryLayout<Float>.size } }

  init(_ networks: [PanelScorer], dataset: Dataset, threadCount: Int) {
    self.networks = networks
    customerCount = dataset.customers.count
    states = networks.map { scorer in
      let units = scorer.stateUnits
      let states = FloatBuffer(count: dataset.customers.count * units)
      let ranges = Parallel.chunks(of: dataset.customers.count, chunkSize: scorer.batchLimit)
      Parallel.forEach(count: ranges.count, threadCount: threadCount) { chunk in
        let range = ranges[chunk]
        scorer.writeStates(
          range.map { dataset.history(of: $0) }, into: states.base + range.lowerBound * units)
      }
      return states
    }
  }

  /// Scores a customer whose live month has changed.
  ///
  /// - Parameters:
  ///   - customer: the index of the customer.
  ///   - history: the customer's history in the dataset, but for the month before the target.
  ///   - scores: `[items]`; the same as the scorer of the model would write.
  public func score(
    _ customer: Int, history: CustomerHistory, into scores: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(
      (0..<customerCount).contains(customer), "customer \(customer) of \(customerCount)")
    networks.score(history, into: scores) { number, body in
      body(states[number].base + customer * networks[number].stateUnits)
    }
  }
}
