internal import Testing

@testable internal import Digests

/// SHA-256, held to published values.
@Suite struct SHA256Tests {
  private func hash(_ text: String) -> String {
    Array(text.utf8).withUnsafeBytes { SHA256.hash($0).hexadecimal }
  }

  /// The examples of FIPS 180-4 as NIST publishes them, and the empty text.
  @Test func examplesOfTheStandard() {
    #expect(
      hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    #expect(
      hash(
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
          + "lmnopqrsmnopqrstnopqrstu")
        == "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1")
    #expect(
      hash(String(repeating: "a", count: 1_000_000))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  /// Lengths about the end of a block, where the padding takes one block more. Values of sha256sum.
  @Test func lengthsAboutABlock() {
    let known = [
      55: "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318",
      56: "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a",
      63: "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34",
      64: "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb",
      65: "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0",
    ]
    for (length, digest) in known {
      #expect(hash(String(repeating: "a", count: length)) == digest, "\(length) bytes")
    }
  }

  @Test func digestsAreReadAndCompared() throws {
    let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    let digest = try #require(Digest(hexadecimal: text))
    #expect(digest.hexadecimal == text)
    #expect(try #require(Digest(hexadecimal: text.uppercased())).isEqual(digest))
    #expect(Digest(hexadecimal: text.dropLast()) == nil)
    #expect(Digest(hexadecimal: text + "0") == nil)
    #expect(Digest(hexadecimal: text.dropLast() + "g") == nil)
    #expect(digest.bytes.prefix(3) == [0xba, 0x78, 0x16])
    #expect(digest.prefix == 0xba78_16bf_8f01_cfea)
    #expect(digest.bytes.withUnsafeBytes { Digest($0) }.isEqual(digest))
    // Every bit counts.
    for place in 0..<SHA256.byteCount {
      for bit in 0..<8 {
        var bytes = digest.bytes
        bytes[place] ^= 1 << UInt8(bit)
        #expect(!bytes.withUnsafeBytes { Digest($0) }.isEqual(digest))
      }
    }
  }

  /// However the bytes are cut, none and one among the pieces.
  @Test func piecesAreHashedLikeTheWhole() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 167) }
    let whole = bytes.withUnsafeBytes { SHA256.hash($0) }
    for cut in 0...bytes.count {
      var hasher = SHA256()
      bytes.withUnsafeBytes { bytes in
        hasher.update(UnsafeRawBufferPointer(rebasing: bytes[..<cut]))
        hasher.update(UnsafeRawBufferPointer(start: nil, count: 0))
        hasher.update(UnsafeRawBufferPointer(rebasing: bytes[cut...]))
      }
      #expect(hasher.finalize().isEqual(whole), "cut at \(cut)")
    }
  }
}
