internal import LinearAlgebra

/// The memory of one pass of the sequence network over a shard of customers.
///
/// Rows are customers, steps are events; see ``StepShape`` for their order.
final class SequenceWorkspace {
  let dimensions: SequenceDimensions
  let rowLimit: Int
  let stepLimit: Int

  private(set) var shape = StepShape()
  let events: UnsafeMutableBufferPointer<SequenceEvent>
  /// For each step, the rows whose event opens a session, and where each step's begin.
  private(set) var openings: [Int32] = []
  private(set) var openingOffsets: [Int] = [0]

  // One row a customer.
  let attributes: SequenceAttributeSpace
  let userState: FloatBuffer
  let userGradient: FloatBuffer
  let inputGradient: FloatBuffer
  /// What the user's state adds to the session layer's gates, and its gradient.
  let userPart: FloatBuffer
  let userPartGradient: FloatBuffer
  /// The same, of the rows whose session opens.
  let openingPart: FloatBuffer

  // One row a customer and event.
  let embedded: FloatBuffer
  let gates: FloatBuffer
  let inputs: FloatBuffer
  let states: FloatBuffer
  let decoderInput: FloatBuffer
  let queries: FloatBuffer
  let queryLengths: FloatBuffer
  let stateGradient: FloatBuffer
  let queryGradient: FloatBuffer
  private(set) var logits = FloatBuffer(count: 0)

  // One row a session's opening.
  private(set) var userGates = FloatBuffer(count: 0)
  private(set) var userInput = FloatBuffer(count: 0)
  private(set) var userPrevious = FloatBuffer(count: 0)
  private(set) var userNext = FloatBuffer(count: 0)
  private(set) var starts = FloatBuffer(count: 0)
  private(set) var startGradient = FloatBuffer(count: 0)
  private(set) var nextGradient = FloatBuffer(count: 0)
  private(set) var partGradient = FloatBuffer(count: 0)
  private var openingLimit = 0

  /// Floats of logits that a workspace holds at most, unless one row needs more.
  private static let logitLimit = 1 << 19

  init(_ dimensions: SequenceDimensions, rowLimit: Int, stepLimit: Int, training: Bool) {
    self.dimensions = dimensions
    self.rowLimit = rowLimit
    self.stepLimit = stepLimit
    let units = dimensions.units
    let all = rowLimit * stepLimit
    let decoded = training ? all : rowLimit
    let back = training ? all : 0
    events = .allocate(capacity: all)
    events.initialize(repeating: SequenceEvent())
    userState = FloatBuffer(count: rowLimit * units)
    userGradient = FloatBuffer(count: training ? rowLimit * units : 0)
    inputGradient = FloatBuffer(count: training ? rowLimit * units : 0)
    attributes = SequenceAttributeSpace(dimensions, rowLimit: rowLimit, training: training)
    let part = dimensions.propagatesUser ? rowLimit * 3 * units : 0
    userPart = FloatBuffer(count: part)
    userPartGradient = FloatBuffer(count: training ? part : 0)
    openingPart = FloatBuffer(count: part)
    embedded = FloatBuffer(count: all * dimensions.embedding)
    gates = FloatBuffer(count: all * 4 * units)
    inputs = FloatBuffer(count: all * units)
    states = FloatBuffer(count: all * units)
    decoderInput = FloatBuffer(count: decoded * units)
    queries = FloatBuffer(count: decoded * dimensions.embedding)
    queryLengths = FloatBuffer(count: decoded)
    stateGradient = FloatBuffer(count: back * units)
    queryGradient = FloatBuffer(count: back * dimensions.embedding)
  }

  deinit { events.deallocate() }

  /// The rows of logits that are worked on at a time; makes sure that there is memory for them.
  func logitRows(_ itemCount: Int) -> Int {
    let rows = max(1, Self.logitLimit / itemCount)
    if logits.count < max(Self.logitLimit, itemCount) {
      logits = FloatBuffer(count: max(Self.logitLimit, itemCount))
    }
    return rows
  }

  /// Begins a pass.
  ///
  /// - Parameter stepCounts: the number of events of each row, falling.
  func begin(stepCounts: [Int]) {
    shape.begin(stepCounts: stepCounts, rowLimit: rowLimit, stepLimit: stepLimit)
  }

  /// Lists the sessions' openings; called once the events are written.
  func listOpenings() {
    openings.removeAll(keepingCapacity: true)
    openingOffsets.removeAll(keepingCapacity: true)
    openingOffsets.append(0)
    for step in 0..<shape.stepCount {
      let first = shape.stepOffsets[step]
      for row in 0..<shape.activeRows[step] where events[first + row].opensSession {
        openings.append(Int32(row))
      }
      openingOffsets.append(openings.count)
    }
    guard openings.count > openingLimit else { return }
    openingLimit = max(openings.count, 2 * openingLimit)
    let count = openingLimit * dimensions.units
    userGates = FloatBuffer(count: 4 * count)
    userInput = FloatBuffer(count: count)
    userPrevious = FloatBuffer(count: count)
    userNext = FloatBuffer(count: count)
    starts = FloatBuffer(count: count)
    startGradient = FloatBuffer(count: count)
    nextGradient = FloatBuffer(count: count)
    partGradient = FloatBuffer(count: dimensions.propagatesUser ? 3 * count : 0)
  }

  /// The openings of one step, as places in buffers of openings.
  func openings(of step: Int) -> Range<Int> { openingOffsets[step]..<openingOffsets[step + 1] }

  /// A view of a buffer of customers.
  func perRow(_ buffer: FloatBuffer, width: Int) -> MatrixView {
    MatrixView(buffer.base, rows: shape.rows, columns: width)
  }

  /// The row of each place in a buffer of steps.
  var rowsOfPlaces: [Int32] {
    shape.activeRows.flatMap { 0..<Int32($0) }
  }

  /// A view of the rows of one step in a buffer of steps.
  func block(_ buffer: FloatBuffer, _ step: Int, width: Int) -> MatrixView {
    MatrixView(
      buffer.base + shape.stepOffsets[step] * width, rows: shape.activeRows[step], columns: width)
  }

  /// A view of all steps in a buffer of steps.
  func all(_ buffer: FloatBuffer, width: Int) -> MatrixView {
    MatrixView(buffer.base, rows: shape.total, columns: width)
  }

  /// A view of some openings in a buffer of openings.
  func openingRows(_ buffer: FloatBuffer, _ range: Range<Int>, width: Int) -> MatrixView {
    MatrixView(buffer.base + range.lowerBound * width, rows: range.count, columns: width)
  }
}
