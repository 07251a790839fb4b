internal import CLibcrypto

/// SHA-256 as FIPS 180-4 defines it, of data that comes in one piece or in many; computed by
/// OpenSSL's libcrypto.
///
/// The time it takes depends on the length of the data alone.
public struct SHA256: ~Copyable {
  /// Bytes of a digest.
  public static let byteCount = 32

  /// Looked up once: by name it would be looked up for every digest.
  private nonisolated(unsafe) static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

  private let context: OpaquePointer

  /// Begins a digest of nothing.
  public init() {
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory for a digest") }
    self.context = context
    Self.require(EVP_DigestInit_ex(context, Self.algorithm, nil))
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Takes further bytes in.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    Self.require(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
  }

  /// The digest of all bytes so far.
  public consuming func finalize() -> Digest {
    withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 8) { bytes in
      Self.require(
        EVP_DigestFinal_ex(context, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, nil))
      return Digest(UnsafeRawBufferPointer(bytes))
    }
  }

  /// The digest of the bytes.
  public static func hash(_ bytes: UnsafeRawBufferPointer) -> Digest {
    var hasher = SHA256()
    hasher.update(bytes)
    return hasher.finalize()
  }

  /// What libcrypto answers is 1, unless memory is short or an administrator has forbidden SHA-256
  /// to the whole system; neither leaves anything to go on with.
  private static func require(_ answer: CInt) {
    precondition(answer == 1, "libcrypto does not compute SHA-256 on this system")
  }
}
