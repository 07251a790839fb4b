internal import InteractionData

/// The monthly chances of taking and giving up products.
///
/// Taking is logistic: log-odds are a sum over the kind of customer, the season, the products held,
/// those taken and given up in the months before, the customer's activity, tenure and leaning.
struct HazardModel: Sendable {
  typealias Values = SIMD32<Float>

  /// Raises or lowers all uptake, so that 3 to 4 % of customers add something in a month.
  private static let calibration: Float = 0.3

  private let kinds: [Values]
  private let seasons: [Values]
  private let held: [Values]
  private let additions: [Values]
  private let drops: [Values]
  private let returns: Values
  private let losses: Values
  /// The share of each kind of customer who hold each product at first.
  let mixes: [Values]

  init() {
    let lowest = Values(repeating: -30)
    kinds = CustomerKind.allCases.map { kind in
      var values = lowest
      for (product, share) in BankProducts.mix(of: kind) {
        let uptake = BankProducts.uptake[product] ?? 0.4
        values[product] = Self.logarithm(share * uptake / 10_000) + Self.calibration
      }
      return values
    }
    mixes = CustomerKind.allCases.map { kind in
      var values = Values(repeating: 0)
      for (product, share) in BankProducts.mix(of: kind) { values[product] = share / 100 }
      return values
    }
    var seasons = [Values](repeating: Values(repeating: 0), count: 12)
    for effect in BankProducts.seasons { seasons[effect.month][effect.product] += effect.weight }
    self.seasons = seasons
    held = Self.matrix(BankProducts.heldEffects)
    additions = Self.matrix(BankProducts.additionEffects)
    drops = Self.matrix(BankProducts.dropEffects)
    var returns = Values(repeating: 0)
    for (product, weight) in BankProducts.returnEffects { returns[product] = weight }
    self.returns = returns
    var losses = Values(repeating: 0.002)
    for (product, share) in BankProducts.loss { losses[product] = share / 100 }
    self.losses = losses
  }

  private static func matrix(_ effects: [(from: Int, to: Int, weight: Float)]) -> [Values] {
    var rows = [Values](repeating: Values(repeating: 0), count: BankProducts.count)
    for effect in effects { rows[effect.from][effect.to] += effect.weight }
    return rows
  }

  /// Moves a customer's products on by one month.
  func step(
    _ customer: inout BankCustomer, monthOfYear: Int, tenure: Int,
    _ generator: inout SeededGenerator
  ) {
    var odds = kinds[Int(customer.kind)] + seasons[monthOfYear]
    odds += customer.leaning + (customer.isActive ? 0.5 : -0.9) + (tenure <= 3 ? 0.7 : 0)
    Self.add(customer.held, held, to: &odds)
    Self.add(customer.added, additions, to: &odds)
    Self.add(customer.dropped.0, drops, to: &odds)
    let recent = customer.dropped.0 | customer.dropped.1 | customer.dropped.2
    var rest = recent
    while rest != 0 {
      let product = rest.trailingZeroBitCount
      rest &= rest - 1
      odds[product] += returns[product]
    }
    var added: UInt32 = 0
    var dropped: UInt32 = 0
    // The pension deposit is decided first: it brings payroll and its account in the same month.
    decide(BankProducts.pension, customer, &odds, &added, &dropped, &generator)
    for product in 0..<BankProducts.count where product != BankProducts.pension {
      decide(product, customer, &odds, &added, &dropped, &generator)
    }
    customer.dropped = (dropped, customer.dropped.0, customer.dropped.1)
    customer.added = added
    customer.held = customer.held & ~dropped | added
  }

  private func decide(
    _ product: Int, _ customer: BankCustomer, _ odds: inout Values, _ added: inout UInt32,
    _ dropped: inout UInt32, _ generator: inout SeededGenerator
  ) {
    let bit = UInt32(1) << UInt32(product)
    if customer.held & bit != 0 {
      // Payroll seldom outlives the pension deposit it came with.
      let follows =
        product == BankProducts.payroll && dropped >> UInt32(BankProducts.pension) & 1 == 1
      let chance = follows ? 0.8 : losses[product] * (customer.isActive ? 0.8 : 1.5)
      if Float(generator.nextUnitDouble()) < chance { dropped |= bit }
    } else if odds[product] > -14 {
      guard Float(generator.nextUnitDouble()) < Self.logistic(odds[product]) else { return }
      added |= bit
      if product == BankProducts.pension {
        odds[BankProducts.payroll] += 4.2
        odds[BankProducts.payrollAccount] += 3.0
      }
    }
  }

  @inline(__always)
  private static func add(_ products: UInt32, _ effects: [Values], to odds: inout Values) {
    var rest = products
    while rest != 0 {
      odds += effects[rest.trailingZeroBitCount]
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
