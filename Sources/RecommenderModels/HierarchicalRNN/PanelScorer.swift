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
    let items = model.network.dimensions.items
    precondition(
      histories.count <= batchLimit && scores.count == histories.count * items,
      "\(scores.count) scores for \(histories.count) histories, at most \(batchLimit)")
    guard let base = scores.baseAddress else { return }
    pool.withWorkspace { space in
      for start in stride(from: 0, to: histories.count, by: PanelModel.shardRows) {
        let end = min(start + PanelModel.shardRows, histories.count)
        score(histories[start..<end], space, into: base + start * items)
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

  private func score(
    _ histories: ArraySlice<CustomerHistory>, _ space: PanelScoringSpace,
    into scores: UnsafeMutablePointer<Float>
  ) {
    let network = model.network
    let items = network.dimensions.items
    let first = histories.startIndex
    space.arrange(histories.map { walk($0) })
    let work = space.workspace
    work.begin(stepCounts: space.stepCounts)
    for (row, walk) in space.walks.enumerated() {
      let history = histories[first + space.order[row]]
      encoder.encode(history.attributeIndex, into: work.attributes.base + row * encoder.width)
      walk.forEach(firstMonthNumber: firstMonthNumber) { index, step in
        work.steps[work.stepOffsets[index] + row] = step
      }
    }
    work.listEvents()
    network.forward(work)
    network.decodeLast(work, stepCounts: space.stepCounts)
    for (row, place) in space.order.enumerated() {
      VectorKernels.sigmoid(
        work.logits.base + row * items, into: scores + place * items, count: items)
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
