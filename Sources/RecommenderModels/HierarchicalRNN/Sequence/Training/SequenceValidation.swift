internal import Foundation
internal import LinearAlgebra

/// Predicts the events that were kept aside.
struct SequenceValidation {
  private let model: SequenceModel
  private let shards: SequenceShards
  private let samples: [SequenceSamples.Sample]
  private let batchSize: Int

  init(
    _ model: SequenceModel, _ shards: SequenceShards, _ samples: [SequenceSamples.Sample],
    batchSize: Int
  ) {
    self.model = model
    self.shards = shards
    self.samples = samples
    self.batchSize = batchSize
  }

  /// Fits the mixture's weights and measures what it predicts; items seen before are left out.
  func measure() -> [String: Double] {
    fit()
    var metrics = NextEventMetrics()
    let items = model.network.dimensions.items
    let mixture = model.transitions.mixture
    for ranks in forEach({ events, probabilities in
      mixture.apply(to: probabilities, itemCount: items, recent: Self.recent(events))
      let target = events[events.count - 1].next
      let seen = Set(events.map(\.item))
      let chosen = probabilities[Int(target)]
      var rank = 1
      for item in 0..<items where probabilities[item] > chosen && !seen.contains(UInt32(item)) {
        rank += 1
      }
      return rank
    }) { metrics.add(rank: ranks) }
    return metrics.values
  }

  /// Fits the weights of the mixture, where there is one.
  func fit() {
    let mixture = model.transitions.mixture
    if !model.settings.mixesTransitions { return }
    model.transitions.mixture.fit(
      forEach { events, probabilities in
        let target = events[events.count - 1].next
        return mixture.opinions(
          of: target, network: probabilities[Int(target)], recent: Self.recent(events))
      })
  }

  private static func recent(_ events: [SequenceEvent]) -> [UInt32] {
    events.suffix(TransitionMixture.recentLimit).reversed().map(\.item)
  }

  /// Calls `body` with each customer's events but the last and the network's probabilities after
  /// them; the results are in the order of histories by length, batch for batch.
  private func forEach<Result>(
    _ body: @Sendable ([SequenceEvent], UnsafeMutablePointer<Float>) -> Result
  ) -> [Result] {
    let network = model.network
    var all: [Result] = []
    for range in Parallel.chunks(of: samples.count, chunkSize: batchSize) {
      let shards = shards.collect(Array(samples[range]))
      let results = ShardResults<[Result]>(count: shards.count, initial: [])
      self.shards.forEach(shards) { shard, space in
        let rows = shards[shard].rows
        var found: [Result] = []
        network.forward(space, network.catalogue)
        network.decodeLast(space, network.catalogue, stepCounts: rows.map(\.count)) {
          row, logits in
          VectorKernels.softmax(logits, count: network.dimensions.items)
          found.append(body(rows[row], logits))
        }
        results[shard] = found
      }
      all += results.values.joined()
    }
    return all
  }
}
