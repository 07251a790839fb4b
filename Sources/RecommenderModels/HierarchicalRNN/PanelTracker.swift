public import InteractionData

/// One customer's state before the last month of a panel, of each network of a model.
public struct PanelState: Sendable, Equatable {
  /// `[networks][units]`
  let networks: [[Float]]

  /// The memory that the numbers take.
  public var byteCount: Int { networks.reduce(0) { $0 + $1.count * MemoryLayout<Float>.size } }
}

/// Keeps up with customers of a panel one by one: what came before the last month, the live one, is
/// read once, and each change of that month costs one step of the network.
///
/// The scores have the very bits that a replay of the whole history gives.
public final class PanelTracker: Sendable {
  /// The networks that are averaged; one as a rule.
  private let networks: [PanelScorer]

  /// The number of items.
  public var itemCount: Int { networks[0].itemCount }

  init(_ networks: [PanelScorer]) { self.networks = networks }

  /// Reads a history up to the month before the last one.
  ///
  /// - Parameter history: a customer's history, of the dataset or of nobody it knows.
  /// - Returns: the state, whatever the last month holds.
  public func state(of history: CustomerHistory) -> PanelState {
    PanelState(
      networks: networks.map { network in
        Array(unsafeUninitializedCapacity: network.stateUnits) { state, count in
          if let base = state.baseAddress { network.writeStates([history], into: base) }
          count = network.stateUnits
        }
      })
  }

  /// Scores a customer whose live month has changed.
  ///
  /// - Parameters:
  ///   - history: the history that the state was made of, but for the month before the target.
  ///   - state: the customer's state.
  ///   - scores: `[items]`; the same as the scorer of the model would write.
  public func score(
    _ history: CustomerHistory, after state: PanelState,
    into scores: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(scores.count == itemCount, "\(scores.count) scores of \(itemCount) items")
    ScoreMean.write(networks: networks.count, into: scores) { network, part in
      state.networks[network].withUnsafeBufferPointer { numbers in
        if let base = numbers.baseAddress {
          networks[network].score(history, after: base, into: part)
        }
      }
    }
  }
}
