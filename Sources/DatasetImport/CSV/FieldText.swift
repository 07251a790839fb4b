internal import Foundation

/// Reads numbers and dates from the bytes of a field, without a string in between.
///
/// Positions are pointers: a field is the bytes from `start` up to `end`. Eight bytes beyond `end`
/// must be readable, which ``ByteBlock/slack`` ensures.
enum FieldText {
  typealias Pointer = UnsafePointer<UInt8>

  /// The position of the next comma, or `end`.
  @inline(__always)
  static func comma(from start: Pointer, to end: Pointer) -> Pointer {
    var position = start
    while position < end {
      let word = UnsafeRawPointer(position).loadUnaligned(as: UInt64.self)
      // A byte that is zero after the exclusive-or was a comma; the lowest set bit is exact.
      let difference = word ^ 0x2C2C_2C2C_2C2C_2C2C
      let zeros = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
      if zeros != 0 {
        let found = position + zeros.trailingZeroBitCount / 8
        return found < end ? found : end
      }
      position += 8
    }
    return end
  }

  /// Narrows a field to what lies between its leading and trailing spaces.
  @inline(__always)
  static func trim(_ start: inout Pointer, _ end: inout Pointer) {
    while start < end && start.pointee == 0x20 { start += 1 }
    while end > start && end[-1] == 0x20 { end -= 1 }
  }

  /// Whether a trimmed field says that nothing is known: it is empty, or `NA`.
  @inline(__always)
  static func isMissing(_ start: Pointer, _ end: Pointer) -> Bool {
    let count = end - start
    return count == 0 || (count == 2 && start[0] == 0x4E && start[1] == 0x41)
  }

  /// A natural number of at most 18 digits; nil for anything else.
  @inline(__always)
  static func natural(_ start: Pointer, _ end: Pointer) -> UInt64? {
    guard end > start, end - start <= 18 else { return nil }
    var value: UInt64 = 0
    var position = start
    while position < end {
      let digit = position.pointee &- 0x30
      guard digit < 10 else { return nil }
      value = value &* 10 &+ UInt64(digit)
      position += 1
    }
    return value
  }

  /// A decimal number with an optional sign and fraction; nil for anything else.
  @inline(__always)
  static func decimal(_ start: Pointer, _ end: Pointer) -> Double? {
    var position = start
    guard position < end else { return nil }
    let negative = position.pointee == 0x2D
    if negative || position.pointee == 0x2B { position += 1 }
    var mantissa: UInt64 = 0
    var digits = 0
    var fraction = 0
    var afterPoint = false
    while position < end {
      let byte = position.pointee
      let digit = byte &- 0x30
      if digit < 10 {
        // Digits beyond the eighteenth change nothing that a double can hold.
        if digits < 18 {
          mantissa = mantissa &* 10 &+ UInt64(digit)
          if mantissa != 0 { digits += 1 }
          if afterPoint { fraction += 1 }
        } else if !afterPoint {
          return scientific(start, end)
        }
      } else if byte == 0x2E && !afterPoint {
        afterPoint = true
      } else {
        return scientific(start, end)
      }
      position += 1
    }
    guard end - start > (negative ? 1 : 0) + (afterPoint ? 1 : 0) else { return nil }
    guard fraction < powersOfTen.count else { return scientific(start, end) }
    let value = Double(mantissa) / powersOfTen[fraction]
    return negative ? -value : value
  }

  /// The rare long way: exponents, and more digits than a word holds.
  @inline(never)
  private static func scientific(_ start: Pointer, _ end: Pointer) -> Double? {
    let text = String(
      decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
    guard let value = Double(text), value.isFinite else { return nil }
    return value
  }

  private static let powersOfTen: [Double] = {
    var powers = [1.0]
    for _ in 0..<22 { powers.append(powers[powers.count - 1] * 10) }
    return powers
  }()

  /// The month of a date `YYYY-MM-DD`, as ``InteractionData/Month/number``; nil for anything else.
  @inline(__always)
  static func month(_ start: Pointer, _ end: Pointer) -> Int? {
    guard end - start == 10, start[4] == 0x2D, start[7] == 0x2D,
      let year = natural(start, start + 4), let month = natural(start + 5, start + 7),
      let day = natural(start + 8, start + 10), (1...12).contains(month),
      (1...31).contains(day)
    else { return nil }
    return Int(year) * 12 + Int(month) - 1
  }
}
