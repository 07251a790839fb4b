internal import LinearAlgebra

/// One shard's way forth and back.
struct DenseRecurrentPass {
  let shape: DenseRecurrentBenchmark.Shape
  let layout: DenseRecurrentLayout
  let parameters: WorkArray
  let shard: DenseRecurrentShard
  let space: DenseRecurrentSpace
  let gradient: WorkArray

  private var rows: Int { shard.rows }
  private var samples: Int { rows * shape.months }
  private var hidden: Int { shape.hidden }

  private func matrix(
    _ array: WorkArray, _ range: Range<Int>, _ rows: Int, _ columns: Int
  ) -> MatrixView {
    MatrixView(array.base + range.lowerBound, rows: rows, columns: columns)
  }

  private var inputs: MatrixView {
    MatrixView(shard.inputs.base, rows: samples, columns: shape.inputs)
  }
  private var gates: MatrixView {
    MatrixView(space.gates.base, rows: samples, columns: 4 * hidden)
  }
  /// The gates of one month's customers.
  private func gates(_ month: Int) -> MatrixView {
    gates.rows(month * rows..<(month + 1) * rows)
  }
  /// The states before a month, or their gradients.
  private func states(_ array: WorkArray, before month: Int) -> MatrixView {
    MatrixView(array.base + month * rows * hidden, rows: rows, columns: hidden)
  }
  /// All states after a month, or their gradients.
  private func statesAfter(_ array: WorkArray) -> MatrixView {
    MatrixView(array.base + rows * hidden, rows: samples, columns: hidden)
  }
  private var logits: MatrixView {
    MatrixView(space.logits.base, rows: samples, columns: shape.outputs)
  }

  private func fill(_ matrix: MatrixView, _ range: Range<Int>) {
    for row in 0..<matrix.rows {
      matrix.row(row).update(from: parameters.base + range.lowerBound, count: matrix.columns)
    }
  }

  func forward() {
    fill(gates, layout.bias)
    MatrixProduct.multiply(
      inputs, matrix(parameters, layout.input, shape.inputs, 3 * hidden),
      into: gates.columns(0..<3 * hidden), adding: true)
    let recurrent = matrix(parameters, layout.recurrent, hidden, 3 * hidden)
    for month in 0..<shape.months {
      let (block, before) = (gates(month), states(space.states, before: month))
      MatrixProduct.multiply(
        before, recurrent, into: block.columns(hidden..<4 * hidden), adding: true)
      GatedRecurrentUnit.forward(
        gates: block.base, previous: before.base,
        state: states(space.states, before: month + 1).base, rows: rows, units: hidden)
    }
    fill(logits, layout.outputBias)
    MatrixProduct.multiply(
      statesAfter(space.states), matrix(parameters, layout.output, hidden, shape.outputs),
      into: logits, adding: true)
  }

  func backward() {
    let logitGradient = MatrixView(
      space.logitGradient.base, rows: samples, columns: shape.outputs)
    for place in 0..<samples {
      _ = Losses.hazard(
        logits: logits.row(place), count: shape.outputs, held: shard.held[place],
        taken: shard.taken[place], rankingWeight: 1, hazardWeight: 0,
        scale: 1 / Float(shape.samples), gradient: logitGradient.row(place))
    }
    let after = statesAfter(space.states)
    MatrixProduct.multiply(
      after, .transposed, logitGradient,
      into: matrix(gradient, layout.output, hidden, shape.outputs), adding: true)
    VectorKernels.addColumnSums(
      of: logitGradient, to: gradient.base + layout.outputBias.lowerBound)
    MatrixProduct.multiply(
      logitGradient, .plain, matrix(parameters, layout.output, hidden, shape.outputs),
      .transposed, into: statesAfter(space.stateGradient))
    let recurrent = matrix(parameters, layout.recurrent, hidden, 3 * hidden)
    for month in stride(from: shape.months - 1, through: 0, by: -1) {
      let (block, before) = (gates(month), states(space.stateGradient, before: month))
      GatedRecurrentUnit.backward(
        gates: block.base, previous: states(space.states, before: month).base,
        stateGradient: states(space.stateGradient, before: month + 1).base,
        previousGradient: before.base, adding: month > 0, rows: rows, units: hidden)
      // The first month's state is a constant: nothing asks for its gradient.
      if month == 0 { break }
      MatrixProduct.multiply(
        block.columns(hidden..<4 * hidden), .plain, recurrent, .transposed, into: before,
        adding: true)
    }
    MatrixProduct.multiply(
      inputs, .transposed, gates.columns(0..<3 * hidden),
      into: matrix(gradient, layout.input, shape.inputs, 3 * hidden), adding: true)
    let before = MatrixView(space.states.base, rows: samples, columns: hidden)
    MatrixProduct.multiply(
      before, .transposed, gates.columns(hidden..<4 * hidden),
      into: matrix(gradient, layout.recurrent, hidden, 3 * hidden), adding: true)
    VectorKernels.addColumnSums(of: gates, to: gradient.base + layout.bias.lowerBound)
  }
}
