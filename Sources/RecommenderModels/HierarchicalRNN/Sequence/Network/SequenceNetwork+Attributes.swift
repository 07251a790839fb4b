internal import LinearAlgebra

/// The memory for customers' attributes in a pass, one row a customer.
struct SequenceAttributeSpace {
  /// The attributes as numbers, written before the pass. `[rows, features]`
  let encoded: FloatBuffer
  /// `tanh(encoded · W + b)`, and the same with some units left out. `[rows, units]`
  let projection: FloatBuffer
  let dropped: FloatBuffer
  /// What every session starts from, before what the user's state adds. `[rows, session units]`
  let starts: FloatBuffer
  /// What is added to every query. `[rows, embedding]`
  let queries: FloatBuffer

  let projectionGradient: FloatBuffer
  let startGradient: FloatBuffer
  let queryGradient: FloatBuffer

  init(_ dimensions: SequenceDimensions, rowLimit: Int, training: Bool) {
    let isRead = dimensions.attributeFeatures > 0
    func rows(_ width: Int, _ isNeeded: Bool) -> FloatBuffer {
      FloatBuffer(count: isNeeded ? rowLimit * width : 0)
    }
    encoded = rows(dimensions.attributeFeatures, isRead)
    projection = rows(dimensions.attributeUnits, isRead)
    dropped = rows(dimensions.attributeUnits, isRead)
    starts = rows(dimensions.units, true)
    queries = rows(dimensions.embedding, isRead)
    projectionGradient = rows(dimensions.attributeUnits, isRead && training)
    startGradient = rows(dimensions.units, isRead && training)
    queryGradient = rows(dimensions.embedding, isRead && training)
  }
}

extension SequenceNetwork {
  /// What depends on a customer's attributes alone: their parts of starts and queries.
  func projectAttributes(_ space: SequenceWorkspace, _ dropout: DropoutPlan = DropoutPlan()) {
    let memory = space.attributes
    let starts = space.perRow(memory.starts, width: dimensions.units)
    PanelNetwork.fill(starts, with: parameters.pointer(layout.sessionStartBias))
    guard let slots = layout.attributes else { return }
    let projection = space.perRow(memory.projection, width: dimensions.attributeUnits)
    let count = projection.rows * projection.columns
    PanelNetwork.fill(projection, with: parameters.pointer(slots.bias))
    MatrixProduct.multiply(
      space.perRow(memory.encoded, width: dimensions.attributeFeatures),
      parameters.matrix(slots.weight), into: projection, adding: true)
    VectorKernels.tanh(projection.base, count: count)
    let dropped = space.perRow(memory.dropped, width: dimensions.attributeUnits)
    if dropout.share > 0 {
      VectorKernels.dropout(
        projection.base, into: dropped.base, count: count, share: dropout.share,
        key: dropout.attributeKey)
    } else {
      dropped.base.update(from: projection.base, count: count)
    }
    MatrixProduct.multiply(
      dropped, parameters.matrix(slots.startWeight), into: starts, adding: true)
    MatrixProduct.multiply(
      dropped, parameters.matrix(slots.outputWeight),
      into: space.perRow(memory.queries, width: dimensions.embedding))
  }

  /// Adds the gradient by one session's start, before its tanh, to that by the row's starts.
  func collectStartGradient(
    _ gradient: UnsafePointer<Float>, _ row: Int, _ space: SequenceWorkspace
  ) {
    if layout.attributes == nil { return }
    VectorKernels.add(
      gradient, to: space.attributes.startGradient.base + row * dimensions.units,
      count: dimensions.units)
  }

  /// Sums the gradients by a customer's queries.
  func collectQueryGradient(
    _ gradient: MatrixView, rows: [Int32], _ space: SequenceWorkspace
  ) {
    if layout.attributes == nil { return }
    let sums = space.perRow(space.attributes.queryGradient, width: dimensions.embedding)
    sums.base.update(repeating: 0, count: sums.rows * sums.columns)
    for place in 0..<gradient.rows {
      VectorKernels.add(
        gradient.row(place), to: sums.row(Int(rows[place])), count: dimensions.embedding)
    }
  }

  /// From the gradients by starts and queries to those of the tensors that read attributes.
  func attributesBackward(
    _ space: SequenceWorkspace, _ dropout: DropoutPlan, _ gradient: FloatBuffer
  ) {
    guard let slots = layout.attributes else { return }
    let memory = space.attributes
    let starts = space.perRow(memory.startGradient, width: dimensions.units)
    let queries = space.perRow(memory.queryGradient, width: dimensions.embedding)
    let dropped = space.perRow(memory.dropped, width: dimensions.attributeUnits)
    MatrixProduct.multiply(
      dropped, .transposed, starts, into: gradient.matrix(slots.startWeight), adding: true)
    MatrixProduct.multiply(
      dropped, .transposed, queries, into: gradient.matrix(slots.outputWeight), adding: true)
    let projection = space.perRow(memory.projectionGradient, width: dimensions.attributeUnits)
    let count = projection.rows * projection.columns
    MatrixProduct.multiply(
      starts, .plain, parameters.matrix(slots.startWeight), .transposed, into: projection)
    MatrixProduct.multiply(
      queries, .plain, parameters.matrix(slots.outputWeight), .transposed, into: projection,
      adding: true)
    if dropout.share > 0 {
      VectorKernels.dropout(
        projection.base, into: projection.base, count: count, share: dropout.share,
        key: dropout.attributeKey)
    }
    VectorKernels.tanhBackward(
      output: memory.projection.base, gradient: projection.base, count: count)
    MatrixProduct.multiply(
      space.perRow(memory.encoded, width: dimensions.attributeFeatures), .transposed, projection,
      into: gradient.matrix(slots.weight), adding: true)
    VectorKernels.addColumnSums(of: projection, to: gradient.pointer(slots.bias))
  }
}
