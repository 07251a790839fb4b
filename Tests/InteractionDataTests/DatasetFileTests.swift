internal import Foundation
internal import InteractionData
internal import TensorFiles
internal import TestSupport
internal import Testing

struct DatasetFileTests {
  private let folder: TemporaryFolder
  private let dataset = DatasetFixture.panel(
    itemCount: 3, customers: [[0b001, 0b011, 0b010], [nil, 0b100, nil], [0b000, nil, 0b111]],
    attributes: AttributeTable(columns: [
      AttributeColumn(
        name: "segment",
        values: .categorical(
          codes: Column([0, 1, AttributeColumn.missingCode]), categories: ["A", "ü"])),
      AttributeColumn(name: "age", values: .numeric(Column([33, .nan, 70]))),
    ]))

  init() throws { folder = try TemporaryFolder() }

  @Test func whatWasWrittenIsOpened() throws {
    let checksum = try DatasetFile.write(dataset, to: folder.path)
    let opened = try DatasetFile.open(folder.path)
    #expect(opened.checksum == checksum)
    let read = opened.dataset
    #expect(read.customers.all == dataset.customers.all)
    #expect(read.items.identifiers.all == ["i0", "i1", "i2"])
    #expect(read.interactions.itemIndexes.array == dataset.interactions.itemIndexes.array)
    #expect(read.interactions.timestamps.array == dataset.interactions.timestamps.array)
    #expect(read.interactions.eventTypes.array == dataset.interactions.eventTypes.array)
    #expect(read.interactions.eventTypeNames == dataset.interactions.eventTypeNames)
    let panel = try #require(read.panel)
    #expect(panel.held.array == [0b001, 0b011, 0b010, 0b100, 0b000, 0b111])
    #expect(panel.monthIndexes.array == [0, 1, 2, 1, 0, 2])
    #expect(panel.firstMonth == Month(year: 2015, month: 1))
    guard
      case .categorical(let codes, let categories)? =
        read.customerAttributes.column("segment")?.values,
      case .numeric(let ages)? = read.customerAttributes.column("age")?.values
    else {
      Issue.record("the attributes are not what was written")
      return
    }
    #expect(codes.array == [0, 1, AttributeColumn.missingCode])
    #expect(categories == ["A", "ü"])
    #expect(ages[0] == 33 && ages[1].isNaN && ages[2] == 70)
  }

  @Test func equalDatasetsAreEqualBytes() throws {
    let other = try TemporaryFolder()
    let first = try DatasetFile.write(dataset, to: folder.path)
    let second = try DatasetFile.write(dataset, to: other.path)
    #expect(first == second)
    let name = "/dataset-\(first).safetensors"
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: folder.path + name))
        == Data(contentsOf: URL(fileURLWithPath: other.path + name)))
  }

  @Test func aNewDatasetReplacesTheOldAndItsFile() throws {
    try DatasetFile.write(dataset, to: folder.path)
    let smaller = DatasetFixture.panel(itemCount: 2, customers: [[1, 3]])
    try DatasetFile.write(smaller, to: folder.path)
    #expect(try DatasetFile.open(folder.path).dataset.customers.count == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
  }

  /// A process killed while it writes leaves a staged file and the old pointer.
  @Test func whatAKilledImportLeavesDoesNoHarm() throws {
    try DatasetFile.write(dataset, to: folder.path)
    try Data("half".utf8).write(to: URL(fileURLWithPath: folder.file("staged-1.safetensors")))
    #expect(try DatasetFile.open(folder.path).dataset.customers.count == 3)
    try DatasetFile.write(dataset, to: folder.path)
    #expect(!FileManager.default.fileExists(atPath: folder.file("staged-1.safetensors")))
  }

  @Test func damageIsReported() throws {
    let name = "dataset-\(try DatasetFile.write(dataset, to: folder.path)).safetensors"
    let path = folder.file(name)
    let good = try Data(contentsOf: URL(fileURLWithPath: path))

    var flipped = good
    flipped[good.count - 1] ^= 1
    try flipped.write(to: URL(fileURLWithPath: path))
    #expect(throws: DatasetError.self) { try DatasetFile.open(folder.path) }

    try good.prefix(good.count / 2).write(to: URL(fileURLWithPath: path))
    #expect(throws: DatasetError.self) { try DatasetFile.open(folder.path) }

    var foreign = SafetensorsWriter()
    foreign.add("x", Column<UInt8>([1]))
    try foreign.write(to: path)
    #expect(throws: DatasetError.foreignTensors(path: path)) { try DatasetFile.open(folder.path) }

    try Data("{".utf8).write(to: URL(fileURLWithPath: folder.file(DatasetFile.descriptionName)))
    #expect(throws: DatasetError.self) { try DatasetFile.open(folder.path) }
  }

  @Test func aDescriptionThatWasEditedIsRefused() throws {
    try DatasetFile.write(dataset, to: folder.path)
    let path = folder.file(DatasetFile.descriptionName)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for (from, to) in [
      ("2015-01", "2014-01"), ("\"month_count\" : 3", "\"month_count\" : 300"),
      ("\"opening\"", "\"closing\""), ("\"items\" : 3", "\"items\" : 2"),
    ] {
      let edited = text.replacing(from, with: to)
      #expect(edited != text, "\(from)")
      try edited.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: DatasetError.self, "\(to)") { try DatasetFile.open(folder.path) }
    }
  }

  /// Well-formed files whose numbers point outside the dataset, as a faulty writer might make.
  @Test func numbersThatPointOutsideAreRefused() throws {
    func panel(_ held: [UInt64], _ months: [UInt8]) -> HoldingsPanel {
      HoldingsPanel(
        firstMonth: Month(year: 2015, month: 1), monthCount: 3, offsets: Column([0, 2]),
        monthIndexes: Column(months), held: Column(held), flags: Column([0, 0]))
    }
    func write(
      items: [UInt32] = [0], types: [UInt8] = [0], panel: HoldingsPanel? = nil,
      codes: [UInt16] = [0], time: Int64 = 0, created: Int64 = 0
    ) throws {
      try DatasetFile.write(
        Dataset(
          customers: IdentifierTable(["a"]),
          customerAttributes: AttributeTable(columns: [
            AttributeColumn(
              name: "s", values: .categorical(codes: Column(codes), categories: ["x"]))
          ]),
          items: ItemCatalogue(
            identifiers: IdentifierTable(["p", "q"]), creationTimes: Column([created, .min])),
          interactions: InteractionTable(
            offsets: Column([0, 1]), itemIndexes: Column(items), timestamps: Column([time]),
            eventTypes: Column(types)), panel: panel), to: folder.path)
    }
    let latest: Int64 = 1 << 43
    try write(panel: panel([0b01, 0b11], [0, 2]), time: latest, created: -latest)
    _ = try DatasetFile.open(folder.path)
    for spoil in [
      { try write(items: [2]) }, { try write(types: [3]) }, { try write(codes: [1]) },
      { try write(panel: panel([0b100, 0], [0, 1])) },
      { try write(panel: panel([0, 0], [1, 1])) }, { try write(panel: panel([0, 0], [1, 3])) },
      { try write(time: latest + 1) }, { try write(time: .min) }, { try write(created: .max) },
    ] {
      try spoil()
      #expect(throws: DatasetError.self) { try DatasetFile.open(folder.path) }
    }
  }

  @Test func anEmptyFolderIsNamed() throws {
    #expect(throws: DatasetError.absent(folder: folder.path)) {
      try DatasetFile.open(folder.path)
    }
    #expect(DatasetError.absent(folder: "w").description.contains("teller import"))
  }
}
