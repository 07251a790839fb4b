internal import InteractionData
internal import LinearAlgebra

/// Scores customers by a sequence network: the probability of each item being the next, 1 in sum.
final class SequenceScorer: Scorer {
  /// The most histories in a call.
  let batchLimit = 256

  private let model: SequenceModel
  private let walk: EventWalk
  private let encoder: AttributeEncoder
  private let pool: WorkspacePool<SequenceScoringSpace>

  init(_ model: SequenceModel, dataset: Dataset) {
    precondition(
      dataset.items.count == model.network.dimensions.items,
      "a model of \(model.network.dimensions.items) items, a dataset of \(dataset.items.count)")
    self.model = model
    walk = model.walk(dataset)
    encoder = model.encoder(dataset.customerAttributes)
    pool = WorkspacePool { SequenceScoringSpace(model) }
  }

  func score(_ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let items = model.network.dimensions.items
    precondition(
      histories.count <= batchLimit && scores.count == histories.count * items,
      "\(scores.count) scores for \(histories.count) histories, at most \(batchLimit)")
    guard let base = scores.baseAddress else { return }
    pool.withWorkspace { space in
      for range in Parallel.chunks(of: histories.count, chunkSize: SequenceModel.scoringRows) {
        space.load(histories[range], walk, encoder)
        model.network.forward(space.workspace, model.network.catalogue)
        model.network.decodeLast(
          space.workspace, model.network.catalogue, stepCounts: space.stepCounts
        ) { row, logits in
          let place = space.order[row]
          let answer = base + (range.lowerBound + place) * items
          answer.update(from: logits, count: items)
          VectorKernels.softmax(answer, count: items)
          model.transitions.mixture.apply(
            to: answer, itemCount: items, recent: space.recent(of: place))
        }
      }
    }
  }
}

/// One thread's memory for scoring.
final class SequenceScoringSpace {
  let workspace: SequenceWorkspace
  /// The history that each row of the pass is of.
  private(set) var order: [Int] = []
  private(set) var stepCounts: [Int] = []
  private var collected: [[SequenceEvent]]

  init(_ model: SequenceModel) {
    workspace = SequenceWorkspace(
      model.network.dimensions, rowLimit: SequenceModel.scoringRows,
      stepLimit: model.settings.eventLimit, training: false)
    collected = Array(repeating: [], count: SequenceModel.scoringRows)
  }

  /// The newest events' items of a history, newest first.
  func recent(of place: Int) -> [UInt32] {
    collected[place].suffix(TransitionMixture.recentLimit).reversed().map(\.item)
  }

  /// Puts histories into the workspace, ordered by falling number of events.
  func load(
    _ histories: ArraySlice<CustomerHistory>, _ walk: EventWalk, _ encoder: AttributeEncoder
  ) {
    for (place, history) in histories.enumerated() {
      walk.collect(history, into: &collected[place])
    }
    order.removeAll(keepingCapacity: true)
    order.append(contentsOf: 0..<histories.count)
    order.sort { (collected[$1].count, $0) < (collected[$0].count, $1) }
    stepCounts.removeAll(keepingCapacity: true)
    for place in order { stepCounts.append(collected[place].count) }
    workspace.begin(stepCounts: stepCounts)
    for (row, place) in order.enumerated() {
      if encoder.width > 0 {
        encoder.encode(
          histories[histories.startIndex + place].attributeIndex,
          into: workspace.attributes.encoded.base + row * encoder.width)
      }
      for (step, event) in collected[place].enumerated() {
        workspace.events[workspace.shape.stepOffsets[step] + row] = event
      }
    }
    workspace.listOpenings()
  }
}
