/// The texts of the made-up bank's rows.
enum BankText {
  /// Spain's provinces by code, with a rough share of customers each.
  static let provinces: [(code: Int, name: String, weight: Double)] = [
    (1, "ALAVA", 3), (2, "ALBACETE", 12), (3, "ALICANTE", 22), (4, "ALMERIA", 7), (5, "AVILA", 4),
    (6, "BADAJOZ", 14), (7, "BALEARS, ILLES", 9), (8, "BARCELONA", 91), (9, "BURGOS", 7),
    (10, "CACERES", 10), (11, "CADIZ", 20), (12, "CASTELLON", 9), (13, "CIUDAD REAL", 10),
    (14, "CORDOBA", 11), (15, "CORUÑA, A", 31), (16, "CUENCA", 5), (17, "GIRONA", 7),
    (18, "GRANADA", 14), (19, "GUADALAJARA", 5), (20, "GIPUZKOA", 3), (21, "HUELVA", 9),
    (22, "HUESCA", 5), (23, "JAEN", 6), (24, "LEON", 7), (25, "LERIDA", 6), (26, "RIOJA, LA", 7),
    (27, "LUGO", 7), (28, "MADRID", 320), (29, "MALAGA", 27), (30, "MURCIA", 29),
    (31, "NAVARRA", 6), (32, "OURENSE", 7), (33, "ASTURIAS", 18), (34, "PALENCIA", 5),
    (35, "PALMAS, LAS", 16), (36, "PONTEVEDRA", 20), (37, "SALAMANCA", 13),
    (38, "SANTA CRUZ DE TENERIFE", 7), (39, "CANTABRIA", 16), (40, "SEGOVIA", 5),
    (41, "SEVILLA", 43), (42, "SORIA", 2), (43, "TARRAGONA", 8), (44, "TERUEL", 3),
    (45, "TOLEDO", 13), (46, "VALENCIA", 50), (47, "VALLADOLID", 17), (48, "BIZKAIA", 12),
    (49, "ZAMORA", 5), (50, "ZARAGOZA", 25), (51, "CEUTA", 1), (52, "MELILLA", 1),
  ]

  static let countries = ["ES", "FR", "AR", "DE", "GB", "US", "CO", "IT", "RO", "MX", "CH", "BR"]

  static let channels = [
    "KHE", "KAT", "KFC", "KHQ", "KHK", "KFA", "KHM", "KHN", "KHD", "KAS", "RED", "KAG", "KAY",
    "KAA", "KAB", "KAE", "KCC", "KBZ", "KHL", "KFD", "KCI", "007", "004", "KAI", "KEY",
  ]

  private static let provinceShares: [Double] = {
    let total = provinces.reduce(0) { $0 + $1.weight }
    var sum = 0.0
    return provinces.map { province in
      sum += province.weight / total
      return sum
    }
  }()

  /// The index of a province for a uniform draw.
  static func province(_ draw: Double) -> Int {
    provinceShares.firstIndex { draw < $0 } ?? provinces.count - 1
  }

  /// The index of a channel for a uniform draw; students come through one of their own.
  static func channel(_ draw: Double, kind: CustomerKind) -> Int {
    if kind == .student { return draw < 0.82 ? 0 : Int((draw - 0.82) / 0.18 * 6) + 2 }
    if draw < 0.42 { return 1 }
    if draw < 0.8 { return 2 }
    return 3 + Int((draw - 0.8) / 0.2 * Double(channels.count - 3))
  }
}
