internal import Testing

@testable internal import TensorFiles

struct LargeMemoryTests {
  /// Around where huge pages begin: aligned, and all of it can be written and read.
  @Test(arguments: [0, 1, 63, 64, 65, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_000])
  func allOfItIsThere(byteCount: Int) {
    let memory = LargeMemory.allocate(byteCount: byteCount)
    defer { LargeMemory.deallocate(memory) }
    let alignment: UInt = byteCount >= 1 << 20 ? 2 << 20 : 64
    #expect(UInt(bitPattern: memory) % alignment == 0)
    let bytes = UnsafeMutableRawBufferPointer(start: memory, count: byteCount)
    bytes.initializeMemory(as: UInt8.self, repeating: 0xA5)
    #expect(bytes.allSatisfy { $0 == 0xA5 })
  }
}
