internal import LinearAlgebra
internal import TensorFiles

/// Mixes the network's probabilities with those of item-to-item transitions:
///
///     p = w₀ · network + w₁ · F(last) + w₂ · mean F(recent) + w₃ · B(last) + w₄ · mean B(recent)
///       + w₅ · mean recent
///
/// `F(i)` and `B(i)` are the rows of what came after and before `i`; the last term is for what comes
/// again. The mean over the recent events weighs the k-th newest by 1/k. What a row lacks to 1 is
/// the network's. So the probabilities sum to 1 where the network's do.
struct TransitionMixture: Sendable {
  /// The experts: the network, the four of the transitions, and repetition.
  static let expertCount = 6
  /// The expert of repetition.
  private static let repetition = 5
  /// The newest events that transitions are looked up for.
  static let recentLimit = 10
  /// The weights where there is nothing to fit them on, before their emphasis.
  static let defaultWeights: [Float] = [0.5, 0.1, 0.2, 0.1, 0.08, 0.02]

  var forward: TransitionTable
  var backward: TransitionTable
  /// `[experts]`, they sum to 1.
  var weights: [Float]

  /// The network alone.
  init(itemCount: Int) {
    forward = TransitionTable(itemCount: itemCount)
    backward = forward
    weights = [1, 0, 0, 0, 0, 0]
  }

  /// The transitions that training data hold.
  init(_ counter: TransitionCounter, threadCount: Int) {
    forward = counter.table(.forward, threadCount: threadCount)
    backward = counter.table(.backward, threadCount: threadCount)
    weights = Self.defaultWeights
  }

  /// Whether the network's probabilities are changed at all.
  var isActive: Bool { weights[0] < 1 }

  /// Mixes the transitions into the network's probabilities.
  ///
  /// - Parameters:
  ///   - probabilities: of the softmax over all items. `[items]`
  ///   - itemCount: the number of items.
  ///   - recent: the newest events' items, newest first; at most ``recentLimit`` are looked at.
  func apply(
    to probabilities: UnsafeMutablePointer<Float>, itemCount: Int, recent: [UInt32]
  ) {
    if !isActive { return }
    var factors: [(table: TransitionTable, item: UInt32, factor: Float)] = []
    var rest: Float = 1
    forEachExpert(recent) { expert, table, known in
      let total = known.reduce(Float(0)) { $0 + $1.weight }
      for (item, weight) in known {
        let factor = weights[expert] * weight / total
        rest -= factor * table.mass(of: item)
        factors.append((table, item, factor))
      }
    }
    let recent = recent.prefix(Self.recentLimit)
    let again = weights[Self.repetition]
    if !recent.isEmpty { rest -= again }
    for item in 0..<itemCount { probabilities[item] *= rest }
    for (place, item) in recent.enumerated() {
      probabilities[Int(item)] += again * Self.recency(place, of: recent.count)
    }
    for (table, item, factor) in factors { table.add(item, times: factor, to: probabilities) }
  }

  /// What each expert says of one item; an expert without an opinion says what the network does.
  func opinions(of target: UInt32, network: Float, recent: [UInt32]) -> [Float] {
    var opinions = [Float](repeating: network, count: Self.expertCount)
    forEachExpert(recent) { expert, table, known in
      var (sum, total): (Float, Float) = (0, 0)
      for (item, weight) in known {
        let unknown = 1 - table.mass(of: item)
        sum += weight * (table.share(of: target, after: item) + unknown * network)
        total += weight
      }
      opinions[expert] = sum / total
    }
    let recent = recent.prefix(Self.recentLimit)
    if !recent.isEmpty {
      opinions[Self.repetition] = recent.enumerated().reduce(0) {
        $0 + ($1.element == target ? Self.recency($1.offset, of: recent.count) : 0)
      }
    }
    return opinions
  }

  /// The share that the event at a place has among the newest ones: 1/k for the k-th.
  private static func recency(_ place: Int, of count: Int) -> Float {
    1 / Float(place + 1) / (1...count).reduce(0) { $0 + 1 / Float($1) }
  }

  /// Calls `body` for each expert of the transitions that has an opinion, with the events it is of.
  private func forEachExpert(
    _ recent: [UInt32],
    _ body: (Int, TransitionTable, [(item: UInt32, weight: Float)]) -> Void
  ) {
    let recent = recent.prefix(Self.recentLimit)
    for (number, table) in [forward, backward].enumerated() {
      let known = recent.enumerated().filter { !table.row(of: $1).isEmpty }.map {
        (item: $1, weight: 1 / Float($0 + 1))
      }
      if known.isEmpty { continue }
      if let last = recent.first, known[0].item == last {
        body(1 + 2 * number, table, [(last, 1)])
      }
      body(2 + 2 * number, table, known)
    }
  }

  /// The rounds of fitting.
  private static let roundCount = 200
  /// Events that the default weights count for.
  private static let priorCount: Float = 20

  /// What the transitions' weights are multiplied with once they are found: the likeliest weights
  /// are those of cautious probabilities, but the first places of a list are won by the items that
  /// the transitions are sure of.
  static let emphasis: Float = 4

  /// Finds the weights under which events kept aside are the likeliest (expectation maximisation,
  /// with the default weights as a Dirichlet prior), then gives the transitions their emphasis.
  ///
  /// - Parameter opinions: what each expert says of the item that came, an event each.
  mutating func fit(_ opinions: [[Float]]) {
    weights = Self.defaultWeights
    for _ in 0..<Self.roundCount {
      var counts = Self.defaultWeights.map { Double($0 * Self.priorCount) }
      for opinion in opinions {
        var sum = 0.0
        for expert in weights.indices { sum += Double(weights[expert] * opinion[expert]) }
        if sum <= 0 { continue }
        for expert in weights.indices {
          counts[expert] += Double(weights[expert] * opinion[expert]) / sum
        }
      }
      let total = counts.reduce(0, +)
      weights = counts.map { Float($0 / total) }
    }
    for expert in 1..<Self.expertCount { weights[expert] *= Self.emphasis }
    let total = weights.reduce(0, +)
    for expert in weights.indices { weights[expert] /= total }
  }
}

extension TransitionMixture {
  private static let weightsName = "transition.weights"

  /// Reads what a model's file holds.
  ///
  /// - Throws: ``ModelError`` for a tensor that is missing or damaged.
  init(file: SafetensorsFile, itemCount: Int) throws(ModelError) {
    forward = try TransitionTable(
      file: file, name: "transition.forward", itemCount: itemCount)
    backward = try TransitionTable(
      file: file, name: "transition.backward", itemCount: itemCount)
    do throws(TensorFileError) {
      weights = Array(
        try file.column(Self.weightsName, as: Float.self, shape: [Self.expertCount]).buffer)
    } catch {
      throw .file(error)
    }
    guard weights.allSatisfy({ (0...1).contains($0) }) else {
      throw .unreadableManifest(path: Self.weightsName, reason: "the weights are no shares")
    }
  }

  /// Adds the mixture to a model's file.
  func write(into writer: inout SafetensorsWriter) {
    forward.write("transition.forward", into: &writer)
    backward.write("transition.backward", into: &writer)
    writer.add(Self.weightsName, Column(weights))
  }
}
