internal import InteractionData
internal import TensorFiles

/// Consecutive months of a customer to train or validate on.
struct PanelSequence: Sendable {
  let customer: Int
  /// The month index of the first step.
  let firstMonth: Int
  let stepCount: Int
  /// Items taken over all steps that have a target.
  let acquisitions: Int

  func walk(_ panel: HoldingsPanel, itemMask: UInt64) -> PanelWalk {
    let rows = panel.rows(of: customer)
    return PanelWalk(
      monthIndexes: panel.monthIndexes.slice(rows), held: panel.held.slice(rows),
      flags: panel.flags.slice(rows), itemMask: itemMask, firstMonth: firstMonth,
      stepCount: stepCount)
  }
}

/// The sequences of a panel, split into those to train on and those kept aside.
struct PanelSequences {
  var training: [PanelSequence] = []
  /// One a customer, the newest, where its last step has a target.
  var validation: [PanelSequence] = []

  /// Bits of the items that exist.
  static func itemMask(_ items: Int) -> UInt64 {
    items >= HoldingsPanel.itemLimit ? .max : (1 << UInt64(items)) - 1
  }

  /// Lists the sequences; histories longer than `bptt` months become several, cut from the end.
  init(_ panel: HoldingsPanel, items: Int, configuration: HRNNConfiguration, seed: UInt64) {
    let mask = Self.itemMask(items)
    var customers: [Int] = []
    for customer in 0..<panel.offsets.count - 1 where panel.rows(of: customer).count > 1 {
      customers.append(customer)
    }
    customers = Self.withinPercentiles(customers, panel, configuration)
    var generator = SeededGenerator(seed: seed, stream: Stream.split)
    let share = configuration.validationShare
    for customer in customers {
      let keptAside = generator.nextUnitDouble() < share
      let rows = panel.rows(of: customer)
      let first = Int(panel.monthIndexes[rows.lowerBound])
      var end = Int(panel.monthIndexes[rows.upperBound - 1])
      var newest = true
      while end > first {
        let start = max(first, end - configuration.bptt)
        let (sequence, targets, endsInTarget) = Self.sequence(
          panel, customer, start..<end, mask: mask)
        if keptAside {
          if newest && endsInTarget { validation.append(sequence) }
        } else if targets > 0 {
          training.append(sequence)
        }
        end = start
        newest = false
      }
    }
  }

  private static func sequence(
    _ panel: HoldingsPanel, _ customer: Int, _ months: Range<Int>, mask: UInt64
  ) -> (sequence: PanelSequence, targets: Int, endsInTarget: Bool) {
    var acquisitions = 0
    var targets = 0
    var endsInTarget = false
    let draft = PanelSequence(
      customer: customer, firstMonth: months.lowerBound, stepCount: months.count,
      acquisitions: 0)
    draft.walk(panel, itemMask: mask).forEach(firstMonthNumber: panel.firstMonth.number) {
      _, step, _ in
      endsInTarget = step.hasTarget
      if step.hasTarget {
        targets += 1
        acquisitions += step.taken.nonzeroBitCount
      }
    }
    let sequence = PanelSequence(
      customer: customer, firstMonth: months.lowerBound, stepCount: months.count,
      acquisitions: acquisitions)
    return (sequence, targets, endsInTarget)
  }

  /// The customers whose number of months lies between the two percentiles.
  private static func withinPercentiles(
    _ customers: [Int], _ panel: HoldingsPanel, _ configuration: HRNNConfiguration
  ) -> [Int] {
    let low = configuration.minUserHistoryLengthPercentile
    let high = configuration.maxUserHistoryLengthPercentile
    if customers.isEmpty || (low <= 0 && high >= 1) { return customers }
    let lengths = customers.map { panel.rows(of: $0).count }.sorted()
    let least = lengths[Int(low * Double(lengths.count - 1))]
    let most = lengths[Int((high * Double(lengths.count - 1)).rounded(.up))]
    return customers.filter { (least...most).contains(panel.rows(of: $0).count) }
  }
}

/// The streams of the seed, one for each use.
enum Stream {
  static let split: UInt64 = 1 << 32
  static let order: UInt64 = 2 << 32
  static let dropout: UInt64 = 3 << 32
}
