internal import Foundation
internal import InteractionData
internal import LinearAlgebra

/// How the two losses are weighed, and what their sum is divided by.
struct LossPlan {
  var rankingWeight: Float = 1
  var hazardWeight: Float = 1
  /// One over the number of acquisitions in the batch.
  var scale: Float = 1
  /// The weight of a step by the month index it predicts; empty when all count alike.
  var monthWeights: [Float] = []

  func weight(of step: PanelStep) -> Float {
    let month = Int(step.targetMonth)
    return monthWeights.indices.contains(month) ? monthWeights[month] : 1
  }

  /// Weights that halve with every half-life before the panel's last month.
  static func recencyWeights(monthCount: Int, halfLife: Double) -> [Float] {
    (0..<monthCount).map { Float(exp2(-Double(monthCount - 1 - $0) / halfLife)) }
  }
}

extension PanelNetwork {
  /// Writes the part of a row's logits that does not come from the state: attributes and base
  /// rate, calendar month, holdings, and how long ago the items themselves came and went.
  private func startLogits(
    _ logits: UnsafeMutablePointer<Float>, _ space: PanelWorkspace, place: Int,
    projected: UnsafePointer<Float>, indexes: UnsafeMutablePointer<UInt32>
  ) {
    let items = dimensions.items
    let step = space.steps[place]
    logits.update(from: projected, count: items)
    VectorKernels.add(
      parameters.pointer(layout.monthBias) + Int(step.targetMonthOfYear) * items, to: logits,
      count: items)
    let held = PanelFeatures.writeBits(step.held, base: 0, into: indexes, at: 0)
    VectorKernels.addRows(
      UnsafeBufferPointer(start: indexes, count: held),
      of: parameters.pointer(layout.heldWeight), width: items, to: logits)
    let ages = parameters.pointer(layout.ageWeight)
    for age in space.ages(at: place) { logits[Int(age) % items] += ages[Int(age)] }
  }

  /// Writes the logits of each row's last step: what a scorer asks for.
  ///
  /// - Parameters:
  ///   - space: after ``forward(_:dropout:)``.
  ///   - stepCounts: the number of steps of each row.
  func decodeLast(_ space: PanelWorkspace, stepCounts: [Int]) {
    let (items, user) = (dimensions.items, dimensions.userUnits)
    let input = space.perRow(space.decoderInput, width: user)
    let logits = space.perRow(space.logits, width: items)
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: HoldingsPanel.itemLimit) { indexes in
      guard let base = indexes.baseAddress else { return }
      for row in 0..<space.rows {
        let place = space.stepOffsets[stepCounts[row] - 1] + row
        input.row(row).update(from: space.states.base + place * user, count: user)
        startLogits(
          logits.row(row), space, place: place,
          projected: space.projectionLogits.base + row * items, indexes: base)
      }
    }
    MatrixProduct.multiply(
      input, parameters.matrix(layout.outputWeight), into: logits, adding: true)
  }

  /// Writes the logits of all steps, the loss's gradient by them, and returns the loss.
  ///
  /// - Parameters:
  ///   - space: after ``forward(_:dropout:)``.
  ///   - dropout: the same as there.
  ///   - plan: the losses' weights; the returned sum is not scaled, the gradient is.
  /// - Returns: the sum of the losses over all steps that have a target.
  func decode(_ space: PanelWorkspace, dropout: DropoutPlan, plan: LossPlan) -> Double {
    let (items, user) = (dimensions.items, dimensions.userUnits)
    let input = space.all(space.decoderInput, width: user)
    if dropout.share > 0 {
      VectorKernels.dropout(
        space.states.base, into: input.base, count: input.rows * user, share: dropout.share,
        key: dropout.decoderKey)
    } else {
      input.base.update(from: space.states.base, count: input.rows * user)
    }
    let logits = space.all(space.logits, width: items)
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: HoldingsPanel.itemLimit) { indexes in
      guard let base = indexes.baseAddress else { return }
      for step in 0..<space.stepCount {
        let first = space.stepOffsets[step]
        for row in 0..<space.activeRows[step] {
          startLogits(
            logits.row(first + row), space, place: first + row,
            projected: space.projectionLogits.base + row * items, indexes: base)
        }
      }
    }
    MatrixProduct.multiply(
      input, parameters.matrix(layout.outputWeight), into: logits, adding: true)
    let gradient = space.all(space.logitGradient, width: items)
    var loss = 0.0
    for place in 0..<logits.rows {
      let step = space.steps[place]
      guard step.hasTarget else {
        gradient.row(place).update(repeating: 0, count: items)
        continue
      }
      let weight = plan.weight(of: step)
      loss +=
        Double(weight)
        * Losses.hazard(
          logits: logits.row(place), count: items, held: step.held, taken: step.taken,
          rankingWeight: plan.rankingWeight, hazardWeight: plan.hazardWeight,
          scale: plan.scale * weight, gradient: gradient.row(place))
    }
    return loss
  }
}
