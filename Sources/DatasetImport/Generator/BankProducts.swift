/// The products of the made-up bank, and how customers come by them.
///
/// All numbers are invented so that the data have the shape of a retail bank's: kinds of customers
/// with their own mix, products that bring others after them, products that come and go, and
/// seasons.
enum BankProducts {
  static let columns = [
    "ind_ahor_fin_ult1", "ind_aval_fin_ult1", "ind_cco_fin_ult1", "ind_cder_fin_ult1",
    "ind_cno_fin_ult1", "ind_ctju_fin_ult1", "ind_ctma_fin_ult1", "ind_ctop_fin_ult1",
    "ind_ctpp_fin_ult1", "ind_deco_fin_ult1", "ind_deme_fin_ult1", "ind_dela_fin_ult1",
    "ind_ecue_fin_ult1", "ind_fond_fin_ult1", "ind_hip_fin_ult1", "ind_plan_fin_ult1",
    "ind_pres_fin_ult1", "ind_reca_fin_ult1", "ind_tjcr_fin_ult1", "ind_valo_fin_ult1",
    "ind_viv_fin_ult1", "ind_nomina_ult1", "ind_nom_pens_ult1", "ind_recibo_ult1",
  ]
  static let count = 24
  static let savings = 0, guarantee = 1, current = 2, derivatives = 3, payrollAccount = 4
  static let junior = 5, masParticular = 6, particular = 7, particularPlus = 8
  static let shortDeposit = 9, mediumDeposit = 10, longDeposit = 11, eAccount = 12, fund = 13
  static let mortgage = 14, pensionPlan = 15, loan = 16, taxes = 17, card = 18
  static let securities = 19, home = 20, payroll = 21, pension = 22, debit = 23

  /// The share of each kind of customer who hold each product in the long run, in percent.
  static func mix(of kind: CustomerKind) -> [Int: Float] {
    switch kind {
    case .student:
      [current: 78, debit: 3, eAccount: 2, payrollAccount: 1.5, payroll: 1, pension: 1, card: 0.7]
    case .employee:
      [
        current: 42, payrollAccount: 45, payroll: 36, pension: 39, debit: 40, eAccount: 18,
        card: 12, taxes: 8, masParticular: 4, loan: 1.2, mortgage: 2.5, pensionPlan: 2,
        longDeposit: 4, fund: 2, securities: 2.5, home: 1,
      ]
    case .pensioner:
      [
        particular: 42, particularPlus: 24, pension: 22, debit: 28, longDeposit: 18, current: 22,
        fund: 4, securities: 5, card: 4, taxes: 6, pensionPlan: 1.5, shortDeposit: 2, payroll: 6,
      ]
    case .investor:
      [
        current: 62, longDeposit: 26, fund: 18, securities: 22, eAccount: 34, taxes: 20, card: 14,
        debit: 26, pensionPlan: 9, particularPlus: 14, mediumDeposit: 2, shortDeposit: 4,
        derivatives: 1, mortgage: 2, guarantee: 0.1, savings: 0.2, home: 1.5,
      ]
    case .selfEmployed:
      [
        current: 68, debit: 36, taxes: 30, eAccount: 18, card: 9, loan: 1.5, particular: 10,
        longDeposit: 3, securities: 2, guarantee: 0.1, masParticular: 2,
      ]
    case .dormant: [current: 40, particular: 10, savings: 0.1, junior: 3, longDeposit: 1]
    }
  }

  /// How often a product is taken up, relative to its share; percent a month.
  static let uptake: [Int: Float] = [
    debit: 6, card: 6, payroll: 5, pension: 5, payrollAccount: 4, taxes: 3, eAccount: 3,
    current: 1.6, longDeposit: 3, shortDeposit: 9, mediumDeposit: 5, securities: 1.8, fund: 2.5,
    pensionPlan: 1, particular: 0.3, particularPlus: 0.6, masParticular: 2, junior: 0.6, loan: 1.5,
  ]

  /// How often a held product is given up; percent a month.
  static let loss: [Int: Float] = [
    debit: 4, card: 4.5, payroll: 3, pension: 2.6, payrollAccount: 1.6, taxes: 1.5, eAccount: 0.8,
    current: 0.5, longDeposit: 2.5, shortDeposit: 16, mediumDeposit: 8, securities: 0.8, fund: 1.2,
  ]

  /// What holding the first product does to the log-odds of taking the second.
  static let heldEffects: [(from: Int, to: Int, weight: Float)] = [
    (pension, payroll, 2.0), (payroll, pension, 3.0), (payrollAccount, payroll, 1.2),
    (payrollAccount, pension, 1.2), (pension, payrollAccount, 1.0), (pension, debit, 0.8),
    (debit, card, 0.8), (debit, taxes, 0.6), (card, debit, 0.5), (eAccount, securities, 0.9),
    (eAccount, longDeposit, 0.9), (fund, securities, 1.0), (securities, fund, 1.1),
    (particularPlus, longDeposit, 0.9), (current, eAccount, 0.5), (taxes, debit, 0.4),
    (payrollAccount, current, -1.6), (particular, current, -1.2), (particularPlus, current, -0.8),
  ]

  /// What a product taken in the month before does to the log-odds of taking another.
  static let additionEffects: [(from: Int, to: Int, weight: Float)] = [
    (pension, payroll, 3.2), (pension, payrollAccount, 2.4), (payrollAccount, pension, 2.6),
    (payrollAccount, payroll, 2.2), (payrollAccount, debit, 2.2), (payroll, card, 1.8),
    (payroll, debit, 1.4), (current, eAccount, 2.0), (current, debit, 1.6), (eAccount, card, 1.4),
    (longDeposit, eAccount, 1.2), (securities, fund, 1.8), (debit, taxes, 1.0),
  ]

  /// What a product given up in the month before does to the log-odds of taking another.
  static let dropEffects: [(from: Int, to: Int, weight: Float)] = [
    (longDeposit, fund, 3.0), (longDeposit, shortDeposit, 3.2), (shortDeposit, longDeposit, 3.0),
    (shortDeposit, mediumDeposit, 2.4), (current, payrollAccount, 2.0), (payroll, current, 1.5),
    (fund, securities, 2.0),
  ]

  /// How readily a product comes back within three months of being given up, in log-odds.
  static let returnEffects: [Int: Float] = [
    debit: 2.6, card: 2.2, payroll: 2.8, pension: 2.8, payrollAccount: 1.8, current: 1.0,
    taxes: 1.0, shortDeposit: 1.5, eAccount: 0.8,
  ]

  /// What the month of the year, from 0, adds to the log-odds of taking a product.
  static let seasons: [(month: Int, product: Int, weight: Float)] = [
    (5, taxes, 2.4), (4, taxes, 0.6), (6, taxes, 0.5), (10, taxes, 0.5), (11, pensionPlan, 1.8),
    (10, pensionPlan, 0.8), (11, card, 0.7), (6, card, 0.3), (8, current, 0.9), (9, current, 1.0),
    (0, longDeposit, 0.5), (11, longDeposit, 0.4), (6, payroll, 0.4), (11, payroll, 0.3),
    (6, pension, 0.4), (0, debit, 0.3), (8, debit, 0.4), (1, securities, 0.5), (2, fund, 0.5),
  ]
}

/// The kinds of customers, each with its own mix of products.
enum CustomerKind: UInt8, CaseIterable {
  case student, employee, pensioner, investor, selfEmployed, dormant

  /// The segment in the bank's words.
  var segment: String {
    switch self {
    case .student: "03 - UNIVERSITARIO"
    case .investor: "01 - TOP"
    default: "02 - PARTICULARES"
    }
  }
}
