internal import Foundation
internal import InteractionData
internal import TensorFiles
internal import Testing

@testable internal import DatasetImport

@Suite struct ArchiveTests {
  private static let text =
    "fecha_dato,ncodpers,ind_a_ult1\n"
    + (1...5000).map { "2015-01-28,\($0),1\n2015-02-28,\($0),\($0 % 2)\n" }.joined()

  /// The bytes compressed by the system's gzip, which every Linux system has.
  private static func gzip(_ path: String) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-c", path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return data
  }

  /// A zip archive whose files are stored without compression.
  private static func zip(_ files: [(name: String, text: String)]) -> Data {
    func number(_ value: Int, _ bytes: Int) -> [UInt8] {
      (0..<bytes).map { UInt8(value >> ($0 * 8) & 0xFF) }
    }
    var body: [UInt8] = []
    var directory: [UInt8] = []
    for (name, text) in files {
      let bytes = Array(text.utf8)
      var checksum: UInt32 = .max
      for byte in bytes {
        checksum ^= UInt32(byte)
        for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xEDB8_8320 : 0) }
      }
      let common =
        number(20, 2) + number(0, 8) + number(Int(~checksum), 4) + number(bytes.count, 4)
        + number(bytes.count, 4) + number(name.utf8.count, 2) + number(0, 2)
      let offset = body.count
      body += [0x50, 0x4B, 3, 4] + common + Array(name.utf8) + bytes
      directory +=
        [0x50, 0x4B, 1, 2] + number(20, 2) + common + number(0, 10) + number(offset, 4)
        + Array(name.utf8)
    }
    let end =
      [0x50, 0x4B, 5, 6] + number(0, 4) + number(files.count, 2) + number(files.count, 2)
      + number(directory.count, 4) + number(body.count, 4) + number(0, 2)
    return Data(body + directory + end)
  }

  @Test func compressedFilesEqualPlainOnes() throws {
    let folder = try TemporaryFolder()
    let plain = try folder.file("p.csv", Self.text)
    let expected = try SantanderPanelReader.read(paths: [plain])
    // The content tells the form, not the name.
    let zipped = try folder.file("a.dat", Self.gzip(plain))
    let archived = try folder.file("b.dat", Self.zip([("x/", ""), ("x/p.csv", Self.text)]))
    for path in [zipped, archived] {
      for blockSize in [5, 1000, 1 << 20] {
        var options = SantanderImportOptions(threadCount: 2)
        options.blockSize = blockSize
        let result = try SantanderPanelReader.read(paths: [path], options: options)
        #expect(result.report == expected.report)
        #expect(
          String(describing: DatasetText(result.dataset))
            == String(describing: DatasetText(expected.dataset)))
      }
    }
  }

  @Test func aPipeIsReadLikeAFile() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    let writer = Thread {
      FileHandle(forWritingAtPath: path)?.write(Data(Self.text.utf8))
    }
    writer.start()
    let result = try SantanderPanelReader.read(paths: [path])
    #expect(result.report.rows == 10_000)
  }

  @Test func damagedArchivesAreNamed() throws {
    let folder = try TemporaryFolder()
    let plain = try folder.file("p.csv", Self.text)
    let data = try Self.gzip(plain)
    let cut = try folder.file("cut.gz", data.prefix(data.count / 2))
    do {
      _ = try SantanderPanelReader.read(paths: [cut])
      Issue.record("a file cut short was read")
    } catch {
      guard case .damagedArchive(let file, _) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(file == cut)
    }
    let two = try folder.file("two.zip", Self.zip([("a.csv", Self.text), ("b.csv", Self.text)]))
    #expect(throws: ImportError.self) { try SantanderPanelReader.read(paths: [two]) }
  }
}
