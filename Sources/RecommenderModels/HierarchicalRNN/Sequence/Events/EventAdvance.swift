internal import InteractionData
internal import LinearAlgebra

/// One thread's memory for taking a network's states on by one event, and for scoring after them.
final class EventAdvance {
  private let model: SequenceModel
  private let encoder: AttributeEncoder
  private let embedded: FloatBuffer
  private let gates: FloatBuffer
  private let input: FloatBuffer
  private let state: FloatBuffer
  private let user: FloatBuffer
  /// What the user's state adds to the session layer's gates.
  private let userPart: FloatBuffer
  private let space: SequenceWorkspace

  init(_ model: SequenceModel, _ encoder: AttributeEncoder) {
    self.model = model
    self.encoder = encoder
    let units = model.network.dimensions.units
    embedded = FloatBuffer(count: model.network.dimensions.embedding)
    gates = FloatBuffer(count: 4 * units)
    input = FloatBuffer(count: units)
    state = FloatBuffer(count: units)
    user = FloatBuffer(count: units)
    userPart = FloatBuffer(count: 3 * units)
    space = SequenceWorkspace(
      model.network.dimensions, rowLimit: 1, stepLimit: 1, training: false)
    space.begin(stepCounts: [0])
    model.network.projectAttributes(space)
  }

  private var units: Int { model.network.dimensions.units }
  private func row(_ buffer: FloatBuffer) -> MatrixView {
    MatrixView(buffer.base, rows: 1, columns: buffer.count)
  }

  /// Makes a customer's attributes those that count, until the next call.
  func load(_ attributeIndex: Int?) {
    if encoder.width == 0 { return }
    encoder.encode(attributeIndex, into: space.attributes.encoded.base)
    model.network.projectAttributes(space)
  }

  /// Takes a state on by one event that speaks for its item.
  func advance(_ state: inout EventState.Layers, item: UInt32, opensSession: Bool) {
    if state.session.isEmpty {
      state.user = Array(repeating: 0, count: units)
      start(from: nil)
    } else if opensSession {
      closeSession(&state)
    } else {
      input.copy(state.session)
    }
    step(item, user: state.user)
    state.session = self.state.array
  }

  /// The start of a session, from the user's state or, for the first one, from none.
  private func start(from user: FloatBuffer?) {
    let (network, layout) = (model.network, model.network.layout)
    input.base.update(from: space.attributes.starts.base, count: units)
    if let user {
      MatrixProduct.multiply(
        row(user), network.parameters.matrix(layout.sessionStartWeight), into: row(input),
        adding: true)
    }
    VectorKernels.tanh(input.base, count: units)
  }

  /// The user layer reads the session's last state.
  private func closeSession(_ state: inout EventState.Layers) {
    let (network, layout) = (model.network, model.network.layout)
    input.copy(state.session)
    user.copy(state.user)
    PanelNetwork.fill(row(gates), with: network.parameters.pointer(layout.userBias))
    MatrixProduct.multiply(
      row(input), network.parameters.matrix(layout.userInputWeight),
      into: row(gates).columns(0..<3 * units), adding: true)
    MatrixProduct.multiply(
      row(user), network.parameters.matrix(layout.userRecurrentWeight),
      into: row(gates).columns(units..<4 * units), adding: true)
    GatedRecurrentUnit.forward(
      gates: gates.base, previous: user.base, state: user.base, rows: 1, units: units)
    state.user = user.array
    start(from: user)
  }

  /// The session layer reads an item.
  private func step(_ item: UInt32, user userState: [Float]) {
    let (network, layout) = (model.network, model.network.layout)
    embedded.zero()
    VectorKernels.add(
      network.catalogue.embeddings.row(Int(item)), times: network.inputScale,
      to: embedded.base, count: embedded.count)
    PanelNetwork.fill(row(gates), with: network.parameters.pointer(layout.sessionBias))
    let inputGates = row(gates).columns(0..<3 * units)
    MatrixProduct.multiply(
      row(embedded), network.parameters.matrix(layout.sessionInputWeight), into: inputGates,
      adding: true)
    if let weight = layout.sessionUserWeight {
      user.copy(userState)
      // First the product, then the sum: the same bits as in a pass over all events.
      MatrixProduct.multiply(row(user), network.parameters.matrix(weight), into: row(userPart))
      VectorKernels.add(userPart.base, to: gates.base, count: 3 * units)
    }
    MatrixProduct.multiply(
      row(input), network.parameters.matrix(layout.sessionRecurrentWeight),
      into: row(gates).columns(units..<4 * units), adding: true)
    GatedRecurrentUnit.forward(
      gates: gates.base, previous: input.base, state: state.base, rows: 1, units: units)
  }

  /// The probability of each item being the next.
  func score(
    _ state: EventState.Layers, recent: [UInt32], into scores: UnsafeMutablePointer<Float>
  ) {
    if state.session.isEmpty { start(from: nil) } else { input.copy(state.session) }
    let items = model.network.dimensions.items
    _ = space.logitRows(items)
    let queries = model.network.queries(of: row(input), space) { $0 }
    let logits = model.network.logits(of: queries, model.network.catalogue, space)
    scores.update(from: logits.base, count: items)
    VectorKernels.softmax(scores, count: items)
    model.transitions.mixture.apply(to: scores, itemCount: items, recent: recent)
  }
}

extension FloatBuffer {
  /// All numbers.
  fileprivate var array: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Takes over as many numbers as it holds.
  fileprivate func copy(_ values: [Float]) {
    values.withUnsafeBufferPointer { source in
      if let source = source.baseAddress { base.update(from: source, count: count) }
    }
  }
}
