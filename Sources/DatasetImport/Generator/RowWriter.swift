internal import Foundation
internal import InteractionData

/// Writes rows in the form of the Santander training file into a buffer of bytes, with its padding
/// and its ways of saying that nothing is known.
final class RowWriter: @unchecked Sendable {
  /// No row is longer: 48 fields, of which the longest name has 24 bytes.
  static let rowByteLimit = 400

  private static let customerColumns = [
    "fecha_dato", "ncodpers", "ind_empleado", "pais_residencia", "sexo", "age", "fecha_alta",
    "ind_nuevo", "antiguedad", "indrel", "ult_fec_cli_1t", "indrel_1mes", "tiprel_1mes",
    "indresi", "indext", "conyuemp", "canal_entrada", "indfall", "tipodom", "cod_prov", "nomprov",
    "ind_actividad_cliente", "renta", "segmento",
  ]

  /// The header line.
  static let header =
    (customerColumns + BankProducts.columns).map { "\"\($0)\"" }.joined(separator: ",") + "\n"

  let buffer: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private(set) var rows = 0
  private(set) var heldProducts = 0
  private let options: BankGeneratorOptions
  private let countries = BankText.countries.map { Array($0.utf8) }
  private let channels = BankText.channels.map { Array($0.utf8) }
  private let provinces = BankText.provinces.map { Array("\"\($0.name)\"".utf8) }
  private let segments = CustomerKind.allCases.map { Array($0.segment.utf8) }
  private let unknown = Array(",,, NA,,NA,     NA,NA,,,,,,,,,NA,NA,\"\",NA,,,".utf8)

  init(options: BankGeneratorOptions, rowLimit: Int) {
    self.options = options
    buffer = .allocate(capacity: rowLimit * Self.rowByteLimit)
  }

  deinit { buffer.deallocate() }

  func removeAll() {
    count = 0
    rows = 0
    heldProducts = 0
  }

  /// Writes a customer's row of a month.
  func add(_ customer: BankCustomer, month: Int, _ generator: inout SeededGenerator) {
    let date = options.firstMonth.advanced(by: month)
    put(date, day: 28)
    put(0x2C)
    put(Int64(customer.identifier))
    put(0x2C)
    let rare = generator.nextUnitDouble()
    if rare < 0.0015 {
      put(unknown)
    } else {
      putPerson(customer, date)
      putRelation(customer, month, date, rare)
    }
    putProducts(customer, hidesPensions: rare > 0.999)
    rows += 1
    heldProducts += customer.held.nonzeroBitCount
  }

  private func putPerson(_ customer: BankCustomer, _ date: Month) {
    put(customer.isEmployee ? 0x46 : 0x4E)
    put(0x2C)
    put(countries[Int(customer.country)])
    put(0x2C)
    put(customer.isMale ? 0x56 : 0x48)
    put(0x2C)
    let passed = date.number - options.firstMonth.number + options.firstMonth.monthOfYear
    let birthdays =
      (passed + 12 - Int(customer.birthMonth)) / 12
      - (options.firstMonth.monthOfYear >= Int(customer.birthMonth) ? 1 : 0)
    put(Int64(Int(customer.age) + birthdays), width: 3)
    put(0x2C)
  }

  private func putRelation(
    _ customer: BankCustomer, _ month: Int, _ date: Month, _ rare: Double
  ) {
    put(options.firstMonth.advanced(by: Int(customer.joinMonth)), day: Int(customer.joinDay))
    put(0x2C)
    let tenure = month - Int(customer.joinMonth)
    put(0x20)
    put(tenure < 6 ? 0x31 : 0x30)
    put(0x2C)
    if customer.hasUnknownSeniority {
      put("-999999")
    } else {
      put(Int64(tenure), width: 7)
    }
    put(0x2C)
    if customer.hasLeft {
      put("99,")
      put(date, day: 1 + Int(customer.joinDay) % 27)
    } else {
      put(" 1,")
    }
    put(0x2C)
    put(rare > 0.9985 ? "P" : customer.writesDecimalRelation ? "1.0" : "1")
    put(0x2C)
    put(customer.hasLeft ? 0x50 : customer.isActive ? 0x41 : 0x49)
    put(0x2C)
    put(customer.isResident ? 0x53 : 0x4E)
    put(0x2C)
    put(customer.isForeign ? 0x53 : 0x4E)
    put(0x2C)
    if customer.isEmployee { put(0x4E) }
    put(0x2C)
    if rare < 0.4 || rare > 0.402 { put(channels[Int(customer.channel)]) }
    put(0x2C)
    put(customer.isDeceased ? 0x53 : 0x4E)
    put(", 1,")
    putHome(customer, rare)
  }

  private func putHome(_ customer: BankCustomer, _ rare: Double) {
    if customer.isResident {
      let province = Int(customer.province)
      put(Int64(BankText.provinces[province].code), width: 2)
      put(0x2C)
      put(provinces[province])
    } else {
      put("NA,\"\"")
    }
    put(customer.isActive ? ", 1," : ", 0,")
    if customer.income > 0 && rare < 0.99 {
      put(customer.income / 100)
      put(0x2E)
      let cents = customer.income % 100
      if cents % 10 == 0 {
        put(cents / 10)
      } else {
        put(UInt8(0x30 + cents / 10))
        put(UInt8(0x30 + cents % 10))
        // Some incomes were printed from binary fractions.
        if cents == 11 { put("000000000002") }
      }
    }
    put(0x2C)
    put(segments[Int(customer.kind)])
    put(0x2C)
  }

  private func putProducts(_ customer: BankCustomer, hidesPensions: Bool) {
    let held = customer.held
    let isPadded = 1 << BankProducts.payroll | 1 << BankProducts.pension
    let hides = hidesPensions && held & UInt32(isPadded) == 0
    for product in 0..<BankProducts.count {
      if isPadded >> product & 1 == 0 {
        put(UInt8(0x30 + held >> UInt32(product) & 1))
      } else if !hides {
        put(0x20)
        put(UInt8(0x30 + held >> UInt32(product) & 1))
      }
      put(product == BankProducts.count - 1 ? 0x0A : 0x2C)
    }
  }

  @inline(__always)
  private func put(_ byte: UInt8) {
    buffer[count] = byte
    count += 1
  }

  private func put(_ bytes: [UInt8]) {
    for byte in bytes { put(byte) }
  }

  private func put(_ text: StaticString) {
    (buffer + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    count += text.utf8CodeUnitCount
  }

  /// A number, with spaces before it up to a width.
  private func put(_ value: Int64, width: Int = 1) {
    var digits = 1
    var limit: Int64 = 10
    while value >= limit {
      digits += 1
      limit *= 10
    }
    for _ in 0..<max(0, width - digits) { put(0x20) }
    var rest = value
    var position = count + digits
    for _ in 0..<digits {
      position -= 1
      buffer[position] = UInt8(0x30 + rest % 10)
      rest /= 10
    }
    count += digits
  }

  private func put(_ month: Month, day: Int) {
    put(Int64(month.year))
    put(0x2D)
    putTwoDigits(month.monthOfYear + 1)
    put(0x2D)
    putTwoDigits(day)
  }

  private func putTwoDigits(_ value: Int) {
    put(UInt8(0x30 + value / 10))
    put(UInt8(0x30 + value % 10))
  }
}
