internal import InteractionData
internal import LinearAlgebra

/// Scores customers by a panel network: the probability that each item is taken in the target
/// month by a customer without it.
final class PanelScorer: Scorer {
  /// The most histories in a call.
  let batchLimit = 256

  private let model: PanelModel
  private let encoder: AttributeEncoder
  private let firstMonthNumber: Int
  /// The target month, counted from the panel's first.
  private let targetIndex: Int
  private let stepLimit: Int
  private let itemMask: UInt64
  private let pool: WorkspacePool<PanelScoringSpace>

  var itemCount: Int { model.network.dimensions.items }
  var stateUnits: Int { model.network.dimensions.userUnits }

  init(_ model: PanelModel, settings: HRNNConfiguration, dataset: Dataset, targetMonth: Month) {
    precondition(
      dataset.items.count == model.network.dimensions.items,
      "a model of \(model.network.dimensions.items) items, a dataset of \(dataset.items.count)")
    self.model = model
    encoder = AttributeEncoder(model.encoding, table: dataset.customerAttributes)
    let firstMonth = dataset.panel?.firstMonth ?? targetMonth.advanced(by: -1)
    firstMonthNumber = firstMonth.number
    targetIndex = targetMonth.distance(from: firstMonth)
    stepLimit = settings.bptt
    itemMask = PanelSequences.itemMask(dataset.items.count)
    let stepLimit = settings.bptt
    pool = WorkspacePool { PanelScoringSpace(model, stepLimit: stepLimit) }
  }

  func score(_ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    precondition(
      histories.count <= batchLimit && scores.count == histories.count * itemCount,
      "\(scores.count) scores for \(histories.count) histories, at most \(batchLimit)")
    guard let base = scores.baseAddress else { return }
    pool.withWorkspace { space in
      for start in stride(from: 0, to: histories.count, by: PanelModel.shardRows) {
        let end = min(start + PanelModel.shardRows, histories.count)
        load(histories[start..<end], space) { walk($0) }
        model.network.forward(space.workspace)
        decode(space, into: base + start * itemCount)
      }
    }
  }

  /// The steps a history is read in: up to the month before the target, the newest at most.
  private func walk(_ history: CustomerHistory) -> PanelWalk {
    var count = history.monthIndexes.count
    while count > 0 && Int(history.monthIndexes[count - 1]) >= targetIndex { count -= 1 }
    // Nothing known: one month without a row, so that attributes and calendar still count.
    let first =
      count > 0
      ? max(Int(history.monthIndexes[0]), targetIndex - stepLimit) : targetIndex - 1
    return PanelWalk(
      monthIndexes: UnsafeBufferPointer(rebasing: history.monthIndexes[..<count]),
      held: UnsafeBufferPointer(rebasing: history.held[..<count]),
      flags: UnsafeBufferPointer(rebasing: history.flags[..<count]), itemMask: itemMask,
      firstMonth: first, stepCount: targetIndex - first)
  }

  /// Begins a pass over histories, each in the steps that `walk` gives, at least one.
  private func load(
    _ histories: ArraySlice<CustomerHistory>, _ space: PanelScoringSpace,
    _ walk: (CustomerHistory) -> PanelWalk
  ) {
    space.arrange(histories.map(walk))
    let work = space.workspace
    work.begin(stepCounts: space.stepCounts)
    for (row, walk) in space.walks.enumerated() {
      let history = histories[histories.startIndex + space.order[row]]
      encoder.encode(history.attributeIndex, into: work.attributes.base + row * encoder.width)
      work.load(walk, row: row, firstMonthNumber: firstMonthNumber)
    }
    work.listEvents()
  }

  private func decode(_ space: PanelScoringSpace, into scores: UnsafeMutablePointer<Float>) {
    model.network.decodeLast(space.workspace, stepCounts: space.stepCounts)
    for (row, place) in space.order.enumerated() {
      VectorKernels.sigmoid(
        space.workspace.logits.base + row * itemCount, into: scores + place * itemCount,
        count: itemCount)
    }
  }
}

/// States before the last month, from which that month alone need be computed anew.
extension PanelScorer {
  /// Computes the states of histories before their last month.
  ///
  /// - Parameters:
  ///   - histories: at most ``batchLimit``.
  ///   - states: `[histories, units]`.
  func writeStates(
    _ histories: [CustomerHistory], into states: UnsafeMutablePointer<Float>
  ) {
    pool.withWorkspace { space in
      for start in stride(from: 0, to: histories.count, by: PanelModel.shardRows) {
        let end = min(start + PanelModel.shardRows, histories.count)
        load(histories[start..<end], space) { walk($0) }
        model.network.forward(space.workspace)
        let work = space.workspace
        for (row, place) in space.order.enumerated() {
          // What stands before the last step: the state after the one before, or the first.
          let source = work.stepOffsets[space.stepCounts[row] - 1] + row
          (states + (start + place) * stateUnits).update(
            from: work.previous.base + source * stateUnits, count: stateUnits)
        }
      }
    }
  }

  /// Scores a history of which only the last month is not yet in the state.
  ///
  /// - Parameters:
  ///   - history: the same as the state was made from but for its last month.
  ///   - state: `[units]`, by ``writeStates(_:into:)``.
  ///   - scores: `[items]`.
  func score(
    _ history: CustomerHistory, after state: UnsafePointer<Float>,
    into scores: UnsafeMutablePointer<Float>
  ) {
    pool.withWorkspace { space in
      load([history], space) { walk($0).lastStep }
      model.network.project(space.workspace)
      space.workspace.previous.base.update(from: state, count: stateUnits)
      model.network.advance(space.workspace)
      decode(space, into: scores)
    }
  }
}

/// One thread's memory for scoring.
final class PanelScoringSpace {
  let workspace: PanelWorkspace
  /// The history that each row of the pass is of.
  private(set) var order: [Int] = []
  private(set) var stepCounts: [Int] = []
  /// The walk of each row of the pass.
  private(set) var walks: [PanelWalk] = []

  init(_ model: PanelModel, stepLimit: Int) {
    workspace = model.makeWorkspace(stepLimit: stepLimit, training: false)
  }

  /// Orders histories by falling number of steps, as a pass needs them.
  func arrange(_ unordered: [PanelWalk]) {
    order.removeAll(keepingCapacity: true)
    order.append(contentsOf: unordered.indices)
    order.sort { (unordered[$1].stepCount, $0) < (unordered[$0].stepCount, $1) }
    walks.removeAll(keepingCapacity: true)
    stepCounts.removeAll(keepingCapacity: true)
    for place in order {
      walks.append(unordered[place])
      stepCounts.append(unordered[place].stepCount)
    }
  }
}
