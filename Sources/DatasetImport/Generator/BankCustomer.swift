internal import InteractionData

/// One made-up customer: who it is, and what it holds in the month being written.
struct BankCustomer: BitwiseCopyable, Sendable {
  var identifier: UInt32
  var kind: UInt8
  var isMale: Bool
  var isResident = true
  var isForeign = false
  var isEmployee = false
  var isDeceased = false
  /// An unknown seniority, written as -999999.
  var hasUnknownSeniority = false
  /// Whether the relation is written `1.0` instead of `1`.
  var writesDecimalRelation: Bool
  var province: UInt8
  var channel: UInt8
  var country: UInt8 = 0
  /// The age in years at the first month, and the month of the year of the birthday.
  var age: UInt8
  var birthMonth: UInt8
  /// The month of joining, counted from the first month; negative for customers of old.
  var joinMonth: Int16
  var joinDay: UInt8
  /// Yearly household income in hundredths; 0 where unknown.
  var income: Int64
  /// How much readier than others the customer is to take products, in log-odds.
  var leaning: Float
  var isActive: Bool
  var hasLeft = false
  /// The first month with a row again, when the customer misses some.
  var absentUntil: Int16 = 0
  var held: UInt32 = 0
  /// The products taken in the month before.
  var added: UInt32 = 0
  /// The products given up one, two and three months before.
  var dropped: (UInt32, UInt32, UInt32) = (0, 0, 0)

  /// Makes up the customer at a place among all.
  ///
  /// Later places joined later, as account numbers do; the last 28 % join within the panel.
  init(index: Int, options: BankGeneratorOptions, model: HazardModel) {
    var generator = SeededGenerator(seed: options.seed, stream: UInt64(index) << 16)
    identifier = UInt32(15_889 + index * 8 / 5)
    let place = Float(index) / Float(options.customers)
    let newcomers: Float = options.months > 1 ? 0.14 : 0
    let fraction = place / (1 - newcomers)
    if fraction >= 1 {
      let within = (place - (1 - newcomers)) / newcomers
      joinMonth = Int16(min(options.months - 1, 1 + Int(within * Float(options.months - 1))))
    } else {
      let age = 1 - fraction
      joinMonth = Int16(-1 - Int(240 * age * (0.35 + 0.65 * age)))
    }
    joinDay = UInt8(1 + generator.next() % 28)
    let kind = Self.kind(generator.nextUnitDouble(), fraction: fraction)
    self.kind = kind.rawValue
    isMale = generator.nextUnitDouble() < 0.455
    age = Self.age(kind, &generator)
    birthMonth = UInt8(generator.next() % 12)
    writesDecimalRelation = generator.nextUnitDouble() < 0.6
    province = UInt8(BankText.province(generator.nextUnitDouble()))
    channel = UInt8(BankText.channel(generator.nextUnitDouble(), kind: kind))
    // A sum of uniform numbers is close enough to a bell, and the same on every machine.
    leaning = 0
    for _ in 0..<4 { leaning += Float(generator.nextUnitDouble()) - 0.5 }
    let level: Double = kind == .investor ? 24_000_000 : 7_500_000
    let spread = generator.nextUnitDouble() * generator.nextUnitDouble()
    income =
      generator.nextUnitDouble() < 0.2
      ? 0 : Int64(level * (0.5 + 2.2 * spread)) + Int64(generator.next() % 100)
    isActive = generator.nextUnitDouble() < (kind == .dormant ? 0.1 : 0.5)
    let rare = generator.nextUnitDouble()
    isForeign = rare < 0.045
    isResident = rare > 0.004
    isEmployee = rare > 0.9993
    isDeceased = rare > 0.4 && rare < 0.4025
    hasUnknownSeniority = rare > 0.5 && rare < 0.50005
    if !isResident { country = UInt8(1 + generator.next() % UInt64(BankText.countries.count - 1)) }
    open(kind, model, &generator)
  }

  /// Gives the customer the products of its kind.
  private mutating func open(
    _ kind: CustomerKind, _ model: HazardModel, _ generator: inout SeededGenerator
  ) {
    let mix = model.mixes.base + Int(kind.rawValue) * BankProducts.count
    // Newcomers begin with an account and little else.
    let scale: Float = joinMonth > 0 ? 0.25 : 1
    let readiness = 1 + 0.5 * leaning
    for product in 0..<BankProducts.count {
      let isAccount = product == BankProducts.current || product == BankProducts.particular
      let chance = mix[product] * (isAccount ? 1 : scale * readiness)
      if Float(generator.nextUnitDouble()) < chance { held |= 1 << UInt32(product) }
    }
    let pension = UInt32(1) << UInt32(BankProducts.pension)
    let payroll = UInt32(1) << UInt32(BankProducts.payroll)
    // Payroll comes with the pension deposit, hardly ever alone.
    if held & payroll != 0 && generator.nextUnitDouble() < 0.97 { held |= pension }
  }

  private static func kind(_ draw: Double, fraction: Float) -> CustomerKind {
    // The longer-standing half has fewer students and more of everyone else.
    let students = fraction > 0.45 ? 0.46 : 0.06
    if draw < students { return .student }
    let rest = (draw - students) / (1 - students)
    switch rest {
    case ..<0.31: return .employee
    case ..<0.45: return .pensioner
    case ..<0.53: return .investor
    case ..<0.66: return .selfEmployed
    default: return .dormant
    }
  }

  private static func age(_ kind: CustomerKind, _ generator: inout SeededGenerator) -> UInt8 {
    let range: ClosedRange<UInt64> =
      switch kind {
      case .student: 19...27
      case .employee: 25...62
      case .pensioner: 62...96
      case .investor: 35...85
      case .selfEmployed: 28...66
      case .dormant: 20...90
      }
    let span = range.upperBound - range.lowerBound + 1
    let years = range.lowerBound + (generator.next() % span + generator.next() % span) / 2
    let rare = generator.next() % 20_000
    // A child's account or a wrong birth date now and then.
    if rare < 40 { return UInt8(2 + rare % 16) }
    return rare == 19_999 ? 164 : UInt8(years)
  }

  /// What one month brings; returns whether the customer has a row in it.
  mutating func advance(
    to month: Int, options: BankGeneratorOptions, model: HazardModel,
    _ generator: inout SeededGenerator
  ) -> Bool {
    guard !hasLeft, Int(joinMonth) <= month else { return false }
    let isNew = Int(joinMonth) == month
    if !isNew && month > 0 {
      let monthOfYear = options.firstMonth.advanced(by: month).monthOfYear
      model.step(
        &self, monthOfYear: monthOfYear, tenure: month - Int(joinMonth), &generator)
    }
    let regular = held >> UInt32(BankProducts.payrollAccount) | held >> UInt32(BankProducts.debit)
    let target = regular & 1 != 0 ? 0.93 : (kind == CustomerKind.dormant.rawValue ? 0.08 : 0.42)
    if generator.nextUnitDouble() < 0.05 { isActive = generator.nextUnitDouble() < target }
    if month < Int(absentUntil) { return false }
    let fate = generator.nextUnitDouble()
    if fate < 0.0012 && !isNew {
      hasLeft = true
    } else if fate < 0.004 && !isNew {
      absentUntil = Int16(month + 1 + Int(generator.next() % 3))
      return false
    }
    return true
  }
}
