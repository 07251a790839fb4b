internal import LinearAlgebra

/// The memory of one pass over a shard of customers: nothing is allocated per step.
/// Rows are customers, steps are months; see ``StepShape`` for their order.
final class PanelWorkspace {
  let dimensions: PanelDimensions
  /// The most rows of a pass.
  let rowLimit: Int
  /// The most steps of a row.
  let stepLimit: Int

  // The shape of the pass under way.
  private var shape = StepShape()
  var rows: Int { shape.rows }
  var stepCount: Int { shape.stepCount }
  var activeRows: [Int] { shape.activeRows }
  var stepOffsets: [Int] { shape.stepOffsets }
  let steps: UnsafeMutableBufferPointer<PanelStep>
  private var features = FeatureLists()
  var sessions = SessionBlocks()

  // One row a customer.
  let attributes: FloatBuffer
  let projection: FloatBuffer
  let droppedProjection: FloatBuffer
  let projectionGates: FloatBuffer
  let projectionLogits: FloatBuffer
  let projectionGradient: FloatBuffer
  let initialGradient: FloatBuffer

  // One row a customer and step.
  let previous: FloatBuffer
  let states: FloatBuffer
  let gates: FloatBuffer
  let sessionStart: FloatBuffer
  let sessionEnd: FloatBuffer
  let decoderInput: FloatBuffer
  let logits: FloatBuffer
  let logitGradient: FloatBuffer
  let stateGradient: FloatBuffer
  let sessionGradient: FloatBuffer

  // One row an event.
  private(set) var eventGates = FloatBuffer(count: 0)
  private(set) var eventPrevious = FloatBuffer(count: 0)
  private var eventLimit = 0
  let eventState: FloatBuffer
  let eventUser: FloatBuffer
  let eventUserGates: FloatBuffer
  let tableGradient: FloatBuffer

  /// Makes the memory.
  ///
  /// - Parameters:
  ///   - dimensions: the network's sizes.
  ///   - rowLimit: the most rows of a pass.
  ///   - stepLimit: the most steps of a row.
  ///   - training: whether there will be a way back.
  init(_ dimensions: PanelDimensions, rowLimit: Int, stepLimit: Int, training: Bool) {
    self.dimensions = dimensions
    self.rowLimit = rowLimit
    self.stepLimit = stepLimit
    let all = rowLimit * stepLimit
    let back = training ? all : 0
    let (user, session) = (dimensions.userUnits, dimensions.sessionUnits)
    steps = .allocate(capacity: all)
    steps.initialize(repeating: PanelStep())
    attributes = FloatBuffer(count: rowLimit * dimensions.attributeFeatures)
    projection = FloatBuffer(count: rowLimit * dimensions.attributeUnits)
    droppedProjection = FloatBuffer(count: rowLimit * dimensions.attributeUnits)
    projectionGates = FloatBuffer(count: rowLimit * 3 * user)
    projectionLogits = FloatBuffer(count: rowLimit * dimensions.items)
    projectionGradient = FloatBuffer(count: rowLimit * dimensions.attributeUnits)
    initialGradient = FloatBuffer(count: rowLimit * user)
    previous = FloatBuffer(count: all * user)
    states = FloatBuffer(count: all * user)
    gates = FloatBuffer(count: all * 4 * user)
    sessionStart = FloatBuffer(count: all * session)
    sessionEnd = FloatBuffer(count: all * session)
    decoderInput = FloatBuffer(count: max(back, rowLimit) * user)
    logits = FloatBuffer(count: max(back, rowLimit) * dimensions.items)
    logitGradient = FloatBuffer(count: back * dimensions.items)
    stateGradient = FloatBuffer(count: back * user)
    sessionGradient = FloatBuffer(count: back * session)
    eventState = FloatBuffer(count: rowLimit * session)
    let propagated = dimensions.propagatesUserState ? rowLimit : 0
    eventUser = FloatBuffer(count: propagated * user)
    eventUserGates = FloatBuffer(count: propagated * 3 * session)
    tableGradient = FloatBuffer(count: training ? 2 * dimensions.items * 3 * session : 0)
  }

  deinit { steps.deallocate() }

  /// Customer-steps of the pass.
  var total: Int { shape.total }

  /// Begins a pass.
  ///
  /// - Parameter stepCounts: the number of steps of each row, falling, at least 1.
  func begin(stepCounts: [Int]) {
    shape.begin(stepCounts: stepCounts, rowLimit: rowLimit, stepLimit: stepLimit)
    features.begin(count: total)
  }

  /// Writes the steps of a row; called for each once the pass has begun.
  func load(_ walk: PanelWalk, row: Int, firstMonthNumber: Int) {
    walk.forEach(firstMonthNumber: firstMonthNumber) { index, step, ages in
      let place = stepOffsets[index] + row
      steps[place] = step
      features.append(step, ages, dimensions.features, at: place)
    }
  }

  /// The features of a step that are 1.
  func features(at place: Int) -> UnsafeBufferPointer<UInt32> { features.features(at: place) }

  /// Where a step's known ages stand in the network's table of ages.
  func ages(at place: Int) -> UnsafeBufferPointer<UInt32> { features.ages(at: place) }

  /// Lists the events of all steps; called once all rows are loaded.
  func listEvents() {
    sessions.build(
      steps: UnsafeBufferPointer(steps), offsets: stepOffsets, activeRows: activeRows)
    let needed = sessions.eventCount
    if needed > eventLimit {
      eventLimit = max(needed, 2 * eventLimit)
      eventGates = FloatBuffer(count: eventLimit * 4 * dimensions.sessionUnits)
      eventPrevious = FloatBuffer(count: eventLimit * dimensions.sessionUnits)
    }
  }

  /// A view of the rows of one step in a buffer of steps.
  func block(_ buffer: FloatBuffer, _ step: Int, width: Int) -> MatrixView {
    MatrixView(
      buffer.base + stepOffsets[step] * width, rows: activeRows[step], columns: width)
  }

  /// A view of all steps in a buffer of steps.
  func all(_ buffer: FloatBuffer, width: Int) -> MatrixView {
    MatrixView(buffer.base, rows: total, columns: width)
  }

  /// A view of a buffer that has a row for each customer.
  func perRow(_ buffer: FloatBuffer, width: Int) -> MatrixView {
    MatrixView(buffer.base, rows: rows, columns: width)
  }
}
