internal import DatasetImport
internal import Foundation
internal import InteractionData
internal import Testing

/// The public files that some tests read; they may not be copied into the package.
enum SharedData {
  static let santander: String = {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    return root.deletingLastPathComponent().appendingPathComponent("shared/data/santander").path
  }()
  static var isPresent: Bool { FileManager.default.fileExists(atPath: santander) }
}

/// Needs the public Santander files beside the package; skipped where they are absent.
@Suite(.enabled(if: SharedData.isPresent, "the Santander files are not beside the package"))
struct RealFileTests {
  @Test func everyRowOfTheTrainingHeadIsRead() throws {
    let result = try SantanderPanelReader.read(paths: ["\(SharedData.santander)/raw_train_head.csv"]
    )
    #expect(result.report.rows == 999)
    #expect(result.report.rejectedRows == 0)
    #expect(result.report.customers == 999)
    #expect(result.report.items == 24)
    #expect(result.report.months == 1)
    print(result.report, result.dataset.customerAttributes.columns.map(\.name))
  }

  @Test func theReducedFileIsRead() throws {
    let result = try SantanderPanelReader.read(
      paths: ["\(SharedData.santander)/holdings_random_50k.csv"])
    #expect(result.report.rows == 50_000)
    #expect(result.report.customers == 48_703)
    #expect(result.report.months == 17)
    print(result.report)
  }

  @Test func theTestFileHoldsNoProducts() {
    let path = "\(SharedData.santander)/raw_test_head.csv"
    #expect(throws: ImportError.noProducts(file: path)) {
      try SantanderPanelReader.read(paths: [path])
    }
  }
}
