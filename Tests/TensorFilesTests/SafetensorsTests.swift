internal import Foundation
internal import TensorFiles
internal import TestSupport
internal import Testing

struct SafetensorsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write() throws -> String {
    var writer = SafetensorsWriter(metadata: ["format": "1"])
    writer.add("bytes", Column<UInt8>([1, 2, 3]))
    writer.add("matrix", Column<Float>([1.5, -2, 0.25, 8, 9, 10]), shape: [2, 3])
    writer.add("wide", Column<Int64>([-1, .max]))
    let path = folder.file("a.safetensors")
    try writer.write(to: path)
    return path
  }

  @Test func whatWasWrittenIsRead() throws {
    let file = try SafetensorsFile(path: try write())
    #expect(file.metadata["format"] == "1")
    #expect(try file.column("bytes", as: UInt8.self).array == [1, 2, 3])
    #expect(
      try file.column("matrix", as: Float.self, shape: [2, 3]).array == [1.5, -2, 0.25, 8, 9, 10])
    #expect(try file.column("wide", as: Int64.self).array == [-1, .max])
    try file.verifyChecksums()
  }

  /// The layout is read back by hand, so that writer and reader cannot share a mistake.
  @Test func theLayoutIsTheFormats() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: try write())))
    let length = bytes[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect((8 + length) % 64 == 0)
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? [String: Any])
    let matrix = try #require(json["matrix"] as? [String: Any])
    #expect(matrix["dtype"] as? String == "F32")
    #expect(matrix["shape"] as? [Int] == [2, 3])
    // The widest elements first: two Int64, then six Float, then three bytes.
    #expect(matrix["data_offsets"] as? [Int] == [16, 40])
    let start = 8 + length + 16
    #expect(Array(bytes[start..<start + 4]) == [0, 0, 0xC0, 0x3F])
    #expect(bytes.count == 8 + length + 16 + 24 + 3)
  }

  @Test func equalContentGivesEqualBytes() throws {
    let first = try Data(contentsOf: URL(fileURLWithPath: try write()))
    let second = try Data(contentsOf: URL(fileURLWithPath: try write()))
    #expect(first == second)
  }

  @Test func aFlippedBitIsFound() throws {
    let path = try write()
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    data[data.count - 1] ^= 1
    try data.write(to: URL(fileURLWithPath: path))
    let file = try SafetensorsFile(path: path)
    #expect(throws: TensorFileError.checksumMismatch(path: path, name: "bytes")) {
      try file.verifyChecksums()
    }
  }

  @Test func everyTruncationIsAnError() throws {
    let path = try write()
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let cut = folder.file("cut.safetensors")
    for count in 0..<data.count {
      try data.prefix(count).write(to: URL(fileURLWithPath: cut))
      #expect(throws: TensorFileError.self, "\(count) bytes") {
        try SafetensorsFile(path: cut)
      }
    }
  }

  @Test func wrongTypeShapeOrNameIsAnError() throws {
    let path = try write()
    let file = try SafetensorsFile(path: path)
    #expect(throws: TensorFileError.missingTensor(path: path, name: "nothing")) {
      try file.column("nothing", as: Float.self)
    }
    #expect(
      throws: TensorFileError.unexpectedTensor(
        path: path, name: "matrix", found: "F32[2, 3]", expected: "U32[2, 3]")
    ) { try file.column("matrix", as: UInt32.self) }
    #expect(
      throws: TensorFileError.unexpectedTensor(
        path: path, name: "matrix", found: "F32[2, 3]", expected: "F32[3, 2]")
    ) { try file.column("matrix", as: Float.self, shape: [3, 2]) }
  }

  @Test func aShapeThatOverflowsIsAnError() throws {
    let header = """
      {"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}
      """
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    bytes += Array(header.utf8) + [0, 0, 0, 0]
    let path = folder.file("overflow.safetensors")
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let file = try SafetensorsFile(path: path)
    #expect(throws: TensorFileError.self) { try file.column("a", as: Float.self) }
  }

  @Test func unalignedTensorsOfOtherWritersAreRead() throws {
    let header = """
      {"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},\
      "b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}
      """
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    bytes += Array(header.utf8) + [7, 0, 0, 0x20, 0x41]
    let path = folder.file("unaligned.safetensors")
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let file = try SafetensorsFile(path: path)
    #expect(try file.column("b", as: Float.self).array == [10])
  }

  @Test func failureToWriteLeavesTheOldFile() throws {
    let path = folder.file("kept")
    try AtomicFile.write(path: path, text: "old")
    #expect(throws: TensorFileError.self) {
      try AtomicFile.write(path: folder.file("no/such/folder"), text: "new")
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["kept"])
  }

  @Test func checksumIsTheKnownOne() {
    // The check value of CRC-32 in every catalogue of CRCs.
    let text = Column(Array("123456789".utf8))
    #expect(Checksum.crc32(text.bytes) == 0xCBF4_3926)
    #expect(Checksum.text(0xFF) == "000000ff")
  }

  @Test func oneFileHoldsSeveralCollections() throws {
    let folder = try TemporaryFolder()
    var first = SafetensorsWriter(metadata: ["name": "one"])
    first.add("weights", Column([1, 2] as [Float]))
    var second = SafetensorsWriter(metadata: ["name": "two"])
    second.add("weights", Column([3] as [Float]))
    var all = SafetensorsWriter(metadata: ["count": "2"])
    all.add(contentsOf: first, prefix: "a.")
    all.add(contentsOf: second, prefix: "b.")
    try all.write(to: folder.file("all.safetensors"))
    let file = try SafetensorsFile(path: folder.file("all.safetensors"))
    try file.verifyChecksums()
    #expect(Set(file.tensors.keys) == ["a.weights", "b.weights"])
    #expect(file.metadata["count"] == "2")
    for (prefix, name, values) in [("a.", "one", [1, 2]), ("b.", "two", [3])]
      as [(String, String, [Float])]
    {
      let part = file.scoped(to: prefix)
      #expect(part.metadata["name"] == name && Array(part.tensors.keys) == ["weights"])
      #expect(try part.column("weights", as: Float.self).array == values)
    }
    #expect(file.scoped(to: "c.").tensors.isEmpty)
  }
}
