internal import FuzzSupport
internal import InteractionData
internal import TestSupport

@testable internal import DatasetImport
@testable internal import OfflineEvaluation

// Text of strangers, for libFuzzer: `make fuzz`. The first byte of an input says which reader gets the
// rest, the second how it reads.

/// Who reads.
enum Reader: UInt8, CaseIterable {
  case santander, interactions, users, items, archive, answers, events, scores
  case probabilities, heldOut, sessions, hazards
}

private let folder = FuzzFolder()
private let bank = DatasetFixture.panel(
  itemCount: 4, customers: [[1, 3, 3], [1, 1, 5], [8, 9, nil], [0, 2, 6]])
private let shop = DatasetFixture.interactions(
  itemCount: 4, customers: [[0, 1, 2], [1, 2, 3, 0], [2], [3, 3, 1]])

/// What an importer made must be a dataset that can be stored and opened again.
private func check(_ dataset: Dataset) {
  let path = "\(folder.path)/dataset"
  do throws(DatasetError) {
    let checksum = try DatasetFile.write(dataset, to: path)
    let opened = try DatasetFile.open(path)
    precondition(opened.checksum == checksum, "another dataset was opened")
  } catch {
    preconditionFailure("an imported dataset cannot be opened: \(error)")
  }
  for customer in 0..<dataset.customers.count { _ = dataset.history(of: customer) }
}

private func importBank(_ path: String, _ variant: UInt8) {
  var options = SantanderImportOptions(
    until: variant & 1 == 0 ? nil : Month("2016-02"), maximumRejectedShare: 1, threadCount: 1)
  options.blockSize = variant & 2 == 0 ? 1 << 16 : 61
  options.categoryLimit = variant & 4 == 0 ? AttributeColumn.categoryLimit : 2
  guard let result = try? SantanderPanelReader.read(paths: [path], options: options) else { return }
  check(result.dataset)
}

private func importShop(
  _ interactions: String, users: String? = nil, items: String? = nil, _ variant: UInt8
) {
  var options = InteractionsImportOptions(maximumRejectedShare: 1)
  options.blockSize = variant & 2 == 0 ? 1 << 16 : 61
  let result = try? InteractionsReader.read(
    interactions: interactions, users: users, items: items, options: options)
  if let result { check(result.dataset) }
}

private func readAnswers(_ path: String, events: String? = nil, _ variant: UInt8) {
  let reward: RewardKind = variant & 1 == 0 ? .accepted : .value
  guard let log = try? LoggedAnswers(path: path, eventsPath: events, reward: reward) else { return }
  var settings = OffPolicyEvaluator.Settings()
  settings.replicateCount = BootstrapIntervals.replicateRange.lowerBound
  settings.clip = variant & 2 == 0 ? .infinity : 10
  guard let evaluator = try? OffPolicyEvaluator(log, settings: settings) else {
    preconditionFailure("settings within their ranges")
  }
  _ = evaluator.served
  _ = evaluator.figures(of: ReweightedPolicy(weight: 0.5), name: "half")
  let reversed = RerankingPolicy(reach: .slate) { -Double($1 + $0 % 2) }
  _ = evaluator.figures(of: reversed, name: "reversed")
}

private func table(_ path: String, _ range: CustomerItemTable.Range) {
  guard let table = try? CustomerItemTable(path: path, dataset: bank, range: range) else { return }
  precondition(table.values.count == table.customers.count * table.itemCount, "cells are missing")
}

private func measure(_ path: String) {
  guard let table = try? CustomerItemTable(path: path, dataset: bank, range: .probability),
    let evaluator = try? HazardEvaluator(dataset: bank, hazards: table, k: 7, threadCount: 1)
  else { return }
  _ = evaluator.oracle()
}

private func read(_ reader: Reader, _ variant: UInt8, _ text: UnsafeRawBufferPointer) {
  let path = folder.write("input", text)
  let dataset = variant & 1 == 0 ? bank : shop
  switch reader {
  case .santander, .archive: importBank(path, variant)
  case .interactions: importShop(path, variant)
  case .users: importShop(folder.write("log.csv", text: Seeds.interactions), users: path, variant)
  case .items: importShop(folder.write("log.csv", text: Seeds.interactions), items: path, variant)
  case .answers: readAnswers(path, variant)
  case .events:
    readAnswers(folder.write("answers.jsonl", text: Seeds.answers), events: path, variant)
  case .scores: table(path, .score)
  case .probabilities: table(path, .probability)
  case .heldOut: _ = try? EvaluationSplit.givenTest(of: dataset, path: path)
  case .sessions: _ = try? EvaluationSplit.sessionPrefix(of: dataset, path: path)
  case .hazards: measure(path)
  }
}

/// What libFuzzer calls for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzText(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var cursor = ByteCursor(UnsafeRawBufferPointer(start: start, count: count))
  let readers = Reader.allCases
  let reader = readers[cursor.index(below: readers.count)]
  read(reader, cursor.next(), cursor.rest())
  return 0
}

/// What libFuzzer calls once.
@_cdecl("LLVMFuzzerInitialize")
public func beginFuzzingText(
  _ count: UnsafeMutablePointer<CInt>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
  FuzzSeeds.write(Seeds.all, count, arguments)
  return 0
}
