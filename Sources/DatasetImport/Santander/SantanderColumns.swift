/// The columns of the Santander panel that become attributes, and the products' names.
enum SantanderColumns {
  static let date = "fecha_dato"
  static let customer = "ncodpers"

  /// Text attributes. A code that is a number in the file may have `.0` at its end, which is cut:
  /// `indrel_1mes` is `1` in some rows and `1.0` in others.
  static let categorical: [(name: String, isNumberCode: Bool)] = [
    ("ind_empleado", false), ("pais_residencia", false), ("sexo", false), ("ind_nuevo", true),
    ("indrel_1mes", true), ("tiprel_1mes", false), ("indresi", false), ("indext", false),
    ("canal_entrada", false), ("indfall", false), ("cod_prov", true),
    ("ind_actividad_cliente", true), ("segmento", false),
  ]
  static let activity = "ind_actividad_cliente"

  /// Number attributes; `fecha_alta` is a date, kept as the number of its month.
  static let numeric = ["age", "antiguedad", "renta", "fecha_alta"]
  static let seniorityIndex = 1
  static let joinedIndex = 3

  /// Whether a column says if a product is held.
  static func isProduct(_ name: String) -> Bool {
    name.hasPrefix("ind_") && name.hasSuffix("_ult1") && name.utf8.count > 9
  }

  /// The name to show for a product; its column's name where the product is not known.
  static func displayName(_ column: String) -> String { displayNames[column] ?? column }

  private static let displayNames = [
    "ind_ahor_fin_ult1": "Savings account", "ind_aval_fin_ult1": "Guarantee",
    "ind_cco_fin_ult1": "Current account", "ind_cder_fin_ult1": "Derivatives account",
    "ind_cno_fin_ult1": "Payroll account", "ind_ctju_fin_ult1": "Junior account",
    "ind_ctma_fin_ult1": "Más Particular account", "ind_ctop_fin_ult1": "Particular account",
    "ind_ctpp_fin_ult1": "Particular Plus account",
    "ind_deco_fin_ult1": "Short-term deposit", "ind_deme_fin_ult1": "Medium-term deposit",
    "ind_dela_fin_ult1": "Long-term deposit", "ind_ecue_fin_ult1": "E-account",
    "ind_fond_fin_ult1": "Investment fund", "ind_hip_fin_ult1": "Mortgage",
    "ind_plan_fin_ult1": "Pension plan", "ind_pres_fin_ult1": "Loan",
    "ind_reca_fin_ult1": "Tax payment", "ind_tjcr_fin_ult1": "Credit card",
    "ind_valo_fin_ult1": "Securities", "ind_viv_fin_ult1": "Home account",
    "ind_nomina_ult1": "Payroll", "ind_nom_pens_ult1": "Pension deposit",
    "ind_recibo_ult1": "Direct debit",
  ]
}
