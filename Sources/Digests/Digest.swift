/// A SHA-256 digest. Comparing two takes the same time wherever they differ.
public struct Digest: Sendable {
  /// The 32 bytes, the first in the highest place of the first word.
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// A digest of these bytes, which must be 32.
  public init(_ bytes: UnsafeRawBufferPointer) {
    precondition(
      bytes.count == SHA256.byteCount, "a digest has 32 bytes, not \(bytes.count)")
    func word(_ place: Int) -> UInt64 {
      UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * place, as: UInt64.self))
    }
    words = (word(0), word(1), word(2), word(3))
  }

  /// Reads 64 hexadecimal digits; nil for anything else.
  public init?(hexadecimal: some StringProtocol) {
    let digits = Array(hexadecimal.utf8)
    guard digits.count == 2 * SHA256.byteCount else { return nil }
    var bytes = [UInt8](repeating: 0, count: SHA256.byteCount)
    for (place, digit) in digits.enumerated() {
      guard digit < 0x80, let value = Character(UnicodeScalar(digit)).hexDigitValue else {
        return nil
      }
      bytes[place / 2] = bytes[place / 2] << 4 | UInt8(value)
    }
    self = bytes.withUnsafeBytes { Digest($0) }
  }

  /// The first eight bytes, read as a number, the first byte in the highest place.
  public var prefix: UInt64 { words.0 }

  /// The 32 bytes.
  public var bytes: [UInt8] {
    [words.0, words.1, words.2, words.3].flatMap { word in
      withUnsafeBytes(of: word.bigEndian) { Array($0) }
    }
  }

  /// 64 digits in lower case.
  public var hexadecimal: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Whether the two are the same; looks at every word of both.
  public func isEqual(_ other: Digest) -> Bool {
    let difference =
      (words.0 ^ other.words.0) | (words.1 ^ other.words.1) | (words.2 ^ other.words.2)
      | (words.3 ^ other.words.3)
    return difference == 0
  }
}
