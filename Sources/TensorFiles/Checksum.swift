internal import CZlib

/// CRC-32 (the polynomial of zlib, gzip and PNG), so that any language's standard library checks it.
public enum Checksum {
  /// The CRC-32 of some bytes.
  public static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return 0 }
    return UInt32(truncatingIfNeeded: crc32_z(0, base, bytes.count))
  }

  /// The CRC-32 as eight lower-case hexadecimal digits.
  public static func text(_ checksum: UInt32) -> String {
    let digits = String(checksum, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
