internal import Foundation
internal import InteractionData

/// Why a row cannot be read.
struct RowFault {
  enum Kind {
    case tooFewFields, tooManyFields, unclosedQuote, textAfterQuote, date, customer, product

    /// Whether the fault is the row's, not one field's.
    var concernsRow: Bool { self == .tooFewFields || self == .tooManyFields }

    func reason(text: String, expectedColumns: Int) -> String {
      switch self {
      case .tooFewFields: "the row ends here, the header has \(expectedColumns) columns"
      case .tooManyFields: "the row goes on, the header has \(expectedColumns) columns"
      case .unclosedQuote: "the quote is not closed"
      case .textAfterQuote: "text follows the closing quote"
      case .date: "\"\(text)\" is no date YYYY-MM-DD of the years 1800 to 2140"
      case .customer: "\"\(text)\" is no customer number of 1 to 18 digits"
      case .product: "\"\(text)\" is neither 0 nor 1 nor empty"
      }
    }
  }

  var kind = Kind.tooFewFields
  /// The column, counted from 0.
  var column = 0
  var text = ""
}

/// Memory for a row's attributes, reset when a file begins: a column that is there is written in
/// every row, and single values stored to a vector would have to wait for each other.
final class SantanderRowScratch {
  let codes: UnsafeMutablePointer<UInt16>
  let numbers: UnsafeMutablePointer<Float>

  init() {
    codes = .allocate(capacity: CustomerRecord.categoricalCapacity)
    numbers = .allocate(capacity: CustomerRecord.numericCapacity)
    reset()
  }

  func reset() {
    codes.initialize(
      repeating: AttributeColumn.missingCode, count: CustomerRecord.categoricalCapacity)
    numbers.initialize(repeating: .nan, count: CustomerRecord.numericCapacity)
  }

  deinit {
    codes.deallocate()
    numbers.deallocate()
  }
}

/// Reads the fields of one row into its properties.
struct SantanderRowParser {
  private let actions: UnsafeBufferPointer<SantanderLayout.Action>
  private let productTail: Int
  private let dictionaries: UnsafeMutablePointer<CategoryDictionary>
  /// The codes of the row's text attributes.
  let codeValues: UnsafeMutablePointer<UInt16>
  private let numberValues: UnsafeMutablePointer<Float>
  private let activityIndex: Int
  private var lastDate: (UInt64, UInt16) = (0, 0)
  private var lastDateMonth = 0

  // The row read last.
  private(set) var month = 0
  private(set) var customer: UInt64 = 0
  private(set) var held: UInt64 = 0
  private(set) var isActive = false
  private(set) var fault = RowFault()

  init(
    actions: UnsafeBufferPointer<SantanderLayout.Action>, productTail: Int,
    dictionaries: UnsafeMutablePointer<CategoryDictionary>, scratch: SantanderRowScratch
  ) {
    scratch.reset()
    codeValues = scratch.codes
    numberValues = scratch.numbers
    self.actions = actions
    self.productTail = productTail
    self.dictionaries = dictionaries
    activityIndex =
      SantanderColumns.categorical.firstIndex { $0.name == SantanderColumns.activity } ?? 0
  }

  /// One of the row's number attributes; NaN where it is not known.
  @inline(__always)
  func number(at index: Int) -> Float { numberValues[index] }

  /// Reads a line without its line end; false with ``fault`` set when it must be rejected.
  @inline(__always)
  mutating func parse(_ line: FieldText.Pointer, _ end: FieldText.Pointer) -> Bool {
    held = 0
    isActive = false
    var position = line
    var column = 0
    while column < productTail {
      var start = position
      guard let (fieldEnd, next) = field(&start, end, column) else { return false }
      guard take(column, start, fieldEnd) else { return false }
      column += 1
      if next == end {
        return column == actions.count || fail(.tooFewFields, column, end, end)
      }
      position = next + 1
    }
    return parseProducts(position, end)
  }

  /// Reads the columns from ``productTail`` on, of which nearly all are `0` or `1`.
  @inline(__always)
  private mutating func parseProducts(
    _ first: FieldText.Pointer, _ end: FieldText.Pointer
  ) -> Bool {
    var position = first
    var column = productTail
    let count = actions.count
    guard column < count else { return fail(.tooManyFields, column, end, end) }
    var bits: UInt64 = 0
    while true {
      let digit = position.pointee &- 0x30
      var next = position + 1
      if digit <= 1 && (next == end || (next < end && next.pointee == 0x2C)) {
        bits |= UInt64(digit) << UInt64(actions[column].operand)
      } else {
        var start = position
        guard let (fieldEnd, following) = field(&start, end, column),
          let isHeld = product(column, start, fieldEnd)
        else { return false }
        bits |= (isHeld ? 1 : 0) << UInt64(actions[column].operand)
        next = following
      }
      column += 1
      if next >= end {
        held |= bits
        return column == count || fail(.tooFewFields, column, end, end)
      }
      if column == count { return fail(.tooManyFields, column, end, end) }
      position = next + 1
    }
  }

  /// The end of the field that begins at `start`, quotes left out, and the comma after it.
  @inline(__always)
  private mutating func field(
    _ start: inout FieldText.Pointer, _ end: FieldText.Pointer, _ column: Int
  ) -> (FieldText.Pointer, FieldText.Pointer)? {
    if start < end && start.pointee == 0x22 { return quotedField(&start, end, column) }
    let comma = FieldText.comma(from: start, to: end)
    return (comma, comma)
  }

  @inline(never)
  private mutating func quotedField(
    _ start: inout FieldText.Pointer, _ end: FieldText.Pointer, _ column: Int
  ) -> (FieldText.Pointer, FieldText.Pointer)? {
    start += 1
    var position = start
    while position < end {
      if position.pointee == 0x22 {
        let next = position + 1
        if next == end || next.pointee == 0x2C { return (position, next) }
        guard next.pointee == 0x22 else {
          _ = fail(.textAfterQuote, column, start, end)
          return nil
        }
        position += 1
      }
      position += 1
    }
    _ = fail(.unclosedQuote, column, start, end)
    return nil
  }

  @inline(__always)
  private mutating func take(
    _ column: Int, _ start: FieldText.Pointer, _ end: FieldText.Pointer
  ) -> Bool {
    let action = actions[column]
    switch action.kind {
    case .skipped: return true
    case .categorical:
      let index = Int(action.operand)
      codeValues[index] = dictionaries[index].code(start, end)
      if index == activityIndex { isActive = isOne(start, end) }
      return true
    case .numeric:
      numberValues[Int(action.operand)] = number(Int(action.operand), start, end)
      return true
    case .date: return takeDate(column, start, end)
    case .customer:
      var start = start
      var end = end
      FieldText.trim(&start, &end)
      guard let value = FieldText.natural(start, end) else {
        return fail(.customer, column, start, end)
      }
      customer = value
      return true
    case .product:
      guard let isHeld = product(column, start, end) else { return false }
      held |= (isHeld ? 1 : 0) << UInt64(action.operand)
      return true
    }
  }

  @inline(__always)
  private mutating func takeDate(
    _ column: Int, _ start: FieldText.Pointer, _ end: FieldText.Pointer
  ) -> Bool {
    var start = start
    var end = end
    FieldText.trim(&start, &end)
    // Most rows have the date of the row before.
    let word = UnsafeRawPointer(start).loadUnaligned(as: UInt64.self)
    let half = UnsafeRawPointer(start + 8).loadUnaligned(as: UInt16.self)
    if end - start == 10 && (word, half) == lastDate {
      month = lastDateMonth
      return true
    }
    guard let number = FieldText.month(start, end),
      (0..<PackedRow.monthLimit).contains(number - PackedRow.firstMonthNumber)
    else { return fail(.date, column, start, end) }
    month = number - PackedRow.firstMonthNumber
    lastDate = (word, half)
    lastDateMonth = month
    return true
  }

  /// Whether a product is held: `0`, `1`, `0.0`, `1.0`, `NA` or nothing; nil for anything else.
  @inline(never)
  private mutating func product(
    _ column: Int, _ start: FieldText.Pointer, _ end: FieldText.Pointer
  ) -> Bool? {
    var first = start
    var last = end
    FieldText.trim(&first, &last)
    if FieldText.isMissing(first, last) { return false }
    let digit = first.pointee &- 0x30
    let isWhole =
      last - first == 1 || (last - first == 3 && first[1] == 0x2E && first[2] == 0x30)
    if digit <= 1 && isWhole { return digit == 1 }
    _ = fail(.product, column, start, end)
    return nil
  }

  @inline(__always)
  private func isOne(_ start: FieldText.Pointer, _ end: FieldText.Pointer) -> Bool {
    let count = end - start
    if count == 1 { return start[0] == 0x31 }
    if count == 2 && start[0] == 0x20 { return start[1] == 0x31 }
    return count > 2 && isOneAtLength(start, end)
  }

  @inline(never)
  private func isOneAtLength(_ start: FieldText.Pointer, _ end: FieldText.Pointer) -> Bool {
    var start = start
    var end = end
    FieldText.trim(&start, &end)
    return FieldText.decimal(start, end) == 1
  }

  /// A number attribute; NaN where nothing is known or the text is no number.
  @inline(__always)
  private func number(
    _ index: Int, _ start: FieldText.Pointer, _ end: FieldText.Pointer
  ) -> Float {
    var start = start
    var end = end
    FieldText.trim(&start, &end)
    if index == SantanderColumns.joinedIndex {
      return FieldText.month(start, end).map { Float($0) } ?? .nan
    }
    guard !FieldText.isMissing(start, end), let value = FieldText.decimal(start, end) else {
      return .nan
    }
    // An unknown seniority is -999999 in the file.
    if index == SantanderColumns.seniorityIndex && value < 0 { return .nan }
    return Float(value)
  }

  @inline(never)
  private mutating func fail(
    _ kind: RowFault.Kind, _ column: Int, _ start: FieldText.Pointer, _ end: FieldText.Pointer
  ) -> Bool {
    let shown = UnsafeBufferPointer(start: start, count: min(max(end - start, 0), 40))
    fault = RowFault(
      kind: kind, column: column, text: String(decoding: shown, as: UTF8.self))
    return false
  }

  /// The month of a row with a fault elsewhere; nil when it cannot be read either.
  func monthOfFaultyRow(_ line: FieldText.Pointer, _ end: FieldText.Pointer) -> Int? {
    var reader = self
    var position = line
    for column in actions.indices {
      var start = position
      guard let (fieldEnd, next) = reader.field(&start, end, column) else { return nil }
      if actions[column].kind == .date {
        return reader.takeDate(column, start, fieldEnd) ? reader.month : nil
      }
      guard next < end else { return nil }
      position = next + 1
    }
    return nil
  }
}
