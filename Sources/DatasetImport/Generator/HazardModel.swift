internal import InteractionData

/// The monthly chances of taking and giving up products.
///
/// Taking is logistic: log-odds are a sum over the kind of customer, the season, the products held,
/// those taken and given up in the months before, the customer's activity, tenure and leaning.
struct HazardModel: Sendable {
  /// Raises or lowers all uptake, so that 3 to 4 % of customers add something in a month.
  private static let calibration: Float = -0.7
  private static let count = BankProducts.count

  // Tables of a row for each cause and a column for each product, in log-odds.
  private let kinds: WorkBuffer<Float>
  private let seasons: WorkBuffer<Float>
  private let held: WorkBuffer<Float>
  private let additions: WorkBuffer<Float>
  private let drops: WorkBuffer<Float>
  private let returns: WorkBuffer<Float>
  /// The chance of giving each product up.
  private let losses: WorkBuffer<Float>
  /// The share of each kind of customer who hold each product at first.
  let mixes: WorkBuffer<Float>

  init() {
    let kindCount = CustomerKind.allCases.count
    kinds = WorkBuffer(repeating: -30, count: kindCount * Self.count)
    mixes = WorkBuffer(repeating: 0, count: kindCount * Self.count)
    for kind in CustomerKind.allCases {
      let row = Int(kind.rawValue) * Self.count
      for (product, share) in BankProducts.mix(of: kind) {
        let uptake = BankProducts.uptake[product] ?? 0.4
        kinds.base[row + product] = Self.logarithm(share * uptake / 10_000) + Self.calibration
        mixes.base[row + product] = share / 115
      }
    }
    seasons = Self.table(
      rows: 12, BankProducts.seasons.map { ($0.month, $0.product, $0.weight) })
    held = Self.table(rows: Self.count, BankProducts.heldEffects)
    additions = Self.table(rows: Self.count, BankProducts.additionEffects)
    drops = Self.table(rows: Self.count, BankProducts.dropEffects)
    returns = WorkBuffer(repeating: 0, count: Self.count)
    for (product, weight) in BankProducts.returnEffects { returns.base[product] = weight }
    losses = WorkBuffer(repeating: 0.002, count: Self.count)
    for (product, share) in BankProducts.loss { losses.base[product] = share / 100 }
  }

  private static func table(
    rows: Int, _ effects: [(from: Int, to: Int, weight: Float)]
  ) -> WorkBuffer<Float> {
    let table = WorkBuffer<Float>(repeating: 0, count: rows * count)
    for effect in effects { table.base[effect.from * count + effect.to] += effect.weight }
    return table
  }

  /// Moves a customer's products on by one month.
  func step(
    _ customer: inout BankCustomer, monthOfYear: Int, tenure: Int,
    _ generator: inout SeededGenerator
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.count) { odds in
      guard let odds = odds.baseAddress else { return }
      fillOdds(customer, monthOfYear: monthOfYear, tenure: tenure, into: odds)
      var change = Change()
      // The pension deposit is decided first: it brings payroll and its account in the same month.
      decide(BankProducts.pension, customer, odds, &change, &generator)
      for product in 0..<Self.count where product != BankProducts.pension {
        decide(product, customer, odds, &change, &generator)
      }
      customer.dropped = (change.dropped, customer.dropped.0, customer.dropped.1)
      customer.added = change.added
      customer.held = customer.held & ~change.dropped | change.added
    }
  }

  /// Fills in the log-odds of each product being taken in a month, whether it is held or not.
  private func fillOdds(
    _ customer: BankCustomer, monthOfYear: Int, tenure: Int,
    into odds: UnsafeMutablePointer<Float>
  ) {
    let bias = customer.leaning + (customer.isActive ? 0.5 : -0.9) + (tenure <= 3 ? 0.7 : 0)
    let kind = kinds.base + Int(customer.kind) * Self.count
    let season = seasons.base + monthOfYear * Self.count
    for product in 0..<Self.count {
      (odds + product).initialize(to: kind[product] + season[product] + bias)
    }
    Self.add(customer.held, held, to: odds)
    Self.add(customer.added, additions, to: odds)
    Self.add(customer.dropped.0, drops, to: odds)
    var recent = customer.dropped.0 | customer.dropped.1 | customer.dropped.2
    while recent != 0 {
      let product = recent.trailingZeroBitCount
      recent &= recent - 1
      odds[product] += returns.base[product]
    }
  }

  /// The probability of each product being taken in a month; 0 for products held.
  func hazards(of customer: BankCustomer, monthOfYear: Int, tenure: Int) -> [Float] {
    var odds = [Float](repeating: 0, count: Self.count)
    odds.withUnsafeMutableBufferPointer { odds in
      guard let base = odds.baseAddress else { return }
      fillOdds(customer, monthOfYear: monthOfYear, tenure: tenure, into: base)
    }
    func chance(_ product: Int, _ raise: Float) -> Float {
      let value = odds[product] + raise
      let isHeld = customer.held >> UInt32(product) & 1 == 1
      return isHeld || value <= Self.leastOdds ? 0 : Self.logistic(value)
    }
    let pension = chance(BankProducts.pension, 0)
    return (0..<Self.count).map { product in
      let raise = Self.raise(ofProduct: product)
      return pension * chance(product, raise) + (1 - pension) * chance(product, 0)
    }
  }

  /// How much the pension deposit, taken in the same month, raises the log-odds of a product.
  private static func raise(ofProduct product: Int) -> Float {
    switch product {
    case BankProducts.payroll: 4.2
    case BankProducts.payrollAccount: 3
    default: 0
    }
  }

  /// Log-odds at or below which nothing ever happens.
  private static let leastOdds: Float = -14

  /// The products that one month brings and takes.
  private struct Change {
    var added: UInt32 = 0
    var dropped: UInt32 = 0
  }

  @inline(__always)
  private func decide(
    _ product: Int, _ customer: BankCustomer, _ odds: UnsafeMutablePointer<Float>,
    _ change: inout Change, _ generator: inout SeededGenerator
  ) {
    let bit = UInt32(1) << UInt32(product)
    if customer.held & bit != 0 {
      // Payroll seldom outlives the pension deposit it came with.
      let follows =
        product == BankProducts.payroll && change.dropped >> UInt32(BankProducts.pension) & 1 == 1
      let chance = follows ? 0.8 : losses.base[product] * (customer.isActive ? 0.8 : 1.5)
      if Float(generator.nextUnitDouble()) < chance { change.dropped |= bit }
    } else if odds[product] > Self.leastOdds {
      guard Self.happens(odds[product], Float(generator.nextUnitDouble())) else { return }
      change.added |= bit
      if product == BankProducts.pension {
        for other in [BankProducts.payroll, BankProducts.payrollAccount] {
          odds[other] += Self.raise(ofProduct: other)
        }
      }
    }
  }

  /// Whether a uniform draw lies below the logistic function of the log-odds.
  @inline(__always)
  private static func happens(_ odds: Float, _ draw: Float) -> Bool {
    if odds < 0 {
      // The first terms of the exponential's series bound the chance from above: most draws need
      // no more.
      let bound = 1 - odds * (1 - odds * (0.5 - odds / 6))
      if draw * bound > 1 { return false }
    }
    return draw < logistic(odds)
  }

  @inline(__always)
  private static func add(
    _ products: UInt32, _ effects: WorkBuffer<Float>, to odds: UnsafeMutablePointer<Float>
  ) {
    var rest = products
    while rest != 0 {
      let row = effects.base + rest.trailingZeroBitCount * count
      for product in 0..<count { odds[product] += row[product] }
      rest &= rest - 1
    }
  }

  /// The logistic function, by arithmetic alone: a mathematics library may round differently on
  /// another machine, and the same seed must give the same bytes.
  static func logistic(_ value: Float) -> Float {
    1 / (1 + exponential(-max(-30, min(30, value))))
  }

  /// e to the power of a value of -30 to 30, to about six digits.
  private static func exponential(_ value: Float) -> Float {
    let power = value * 1.442_695
    let whole = power.rounded(.down)
    let part = (power - whole) * 0.693_147_2
    // Taylor's series of e^x on [0, ln 2).
    var sum: Float = 1 + part / 7
    for divisor in stride(from: Float(6), through: 1, by: -1) { sum = 1 + part / divisor * sum }
    return Float(bitPattern: UInt32(Int32(whole) + 127) << 23) * sum
  }

  /// The natural logarithm of a small positive number, by Newton's method on the exponential.
  private static func logarithm(_ value: Float) -> Float {
    var guess: Float = -5
    for _ in 0..<40 { guess += value / exponential(max(-30, min(30, guess))) - 1 }
    return guess
  }
}
