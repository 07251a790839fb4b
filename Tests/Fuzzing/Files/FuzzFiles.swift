internal import Foundation
internal import FuzzSupport
internal import InteractionData
internal import TensorFiles

@testable internal import RecommenderModels

// Dataset, model and checkpoint files that another program might have written, for libFuzzer: `make
// fuzz`. The first byte of an input says which valid file is changed, the others how. What is opened
// without an error must be usable.

private nonisolated(unsafe) let templates: Templates = {
  do {
    return try Templates()
  } catch {
    preconditionFailure("the valid files: \(error)")
  }
}()

/// What libFuzzer calls for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFiles(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var cursor = ByteCursor(UnsafeRawBufferPointer(start: start, count: count))
  let kind = cursor.index(below: 4 + 2 * templates.datasets.count + templates.models.count)
  switch kind {
  case 0: openTensors(cursor.rest())
  case 1, 2, 3: resume(&cursor)
  case 4..<(4 + 2 * templates.datasets.count):
    let place = (kind - 4) / 2
    var parts = templates.datasets[place]
    parts.edit(&cursor)
    openDataset(parts, trainsNetwork: (kind - 4) % 2 == 1)
  default:
    let place = kind - 4 - 2 * templates.datasets.count
    var model = templates.models[place]
    model.parts.edit(&cursor)
    openModel(model)
  }
  return 0
}

/// Any bytes as a tensor file.
private func openTensors(_ bytes: UnsafeRawBufferPointer) {
  let path = templates.folder.write("any.safetensors", bytes)
  guard let file = try? SafetensorsFile(path: path) else { return }
  try? file.verifyChecksums()
  for (name, tensor) in file.tensors {
    let floats = try? file.column(name, as: Float.self)
    let times = try? file.column(name, as: Int64.self)
    let bytes = try? file.column(name, as: UInt8.self, shape: tensor.shape)
    _ = (floats?.buffer.reduce(0, +), times?.buffer.max(), bytes?.buffer.max())
  }
  _ = file.scoped(to: "a").tensors.count
}

private func openDataset(_ parts: TensorFileParts, trainsNetwork: Bool) {
  let (bytes, checksum) = parts.assembled()
  let folder = templates.folder.path + "/dataset"
  try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  bytes.withUnsafeBytes { _ = templates.folder.write("dataset/dataset-x.safetensors", $0) }
  let description = parts.metadata["description"] ?? "{}"
  templates.folder.write(
    "dataset/dataset.json",
    text: #"{"format":1,"tensors":"dataset-x.safetensors","checksum":"\#(checksum)","#
      + #""description":\#(description)}"#)
  guard let opened = try? DatasetFile.open(folder) else { return }
  use(opened.dataset, trainsNetwork: trainsNetwork)
}

/// What every command does with a dataset.
private func use(_ dataset: Dataset, trainsNetwork: Bool) {
  let names = dataset.items.names.count + dataset.items.identifiers.all.count
  precondition(names == 2 * dataset.items.count, "items without a name")
  _ = dataset.customers.all.first.flatMap { dataset.customers.index(of: $0) }
  _ = (dataset.lastMonth, dataset.knownThrough)
  let trainer = ModelTrainer(threadCount: 1, now: { .zero })
  var recommenders: [any Recommender] = []
  for kind in [RecommenderKind.popularity, .sims] {
    let outcome = try? trainer.train(kind, on: dataset, settings: Templates.settings(kind), seed: 1)
    if let outcome { recommenders.append(outcome.recommender) }
  }
  if trainsNetwork,
    let outcome = try? trainer.train(
      .hrnn, on: dataset, settings: Templates.settings(.hrnn), seed: 1)
  {
    recommenders.append(outcome.recommender)
  }
  for recommender in recommenders { score(dataset, by: recommender) }
  let cut = dataset.leavingLastOut()
  precondition(cut.heldOut.count == dataset.customers.count, "customers were lost")
}

private func score(_ dataset: Dataset, by recommender: any Recommender) {
  guard dataset.items.count <= 4096, let month = dataset.lastMonth else { return }
  let scorer = recommender.scorer(for: dataset, targetMonth: month.advanced(by: 1))
  var scores = [Float](repeating: 0, count: dataset.items.count)
  for customer in 0..<min(dataset.customers.count, 16) {
    scores.withUnsafeMutableBufferPointer {
      scorer.score([dataset.history(of: customer)], into: $0)
    }
  }
}

private func openModel(_ model: Templates.Model) {
  let (bytes, checksum) = model.parts.assembled()
  let name = "models/\(model.version)"
  let store = ModelStore(folder: templates.folder.path + "/models")
  try? FileManager.default.createDirectory(
    atPath: templates.folder.path + "/" + name, withIntermediateDirectories: true)
  bytes.withUnsafeBytes { _ = templates.folder.write("\(name)/model.safetensors", $0) }
  guard var manifest = model.parts.settings as? [String: Any] else { return }
  manifest["tensors_checksum"] = checksum
  guard JSONSerialization.isValidJSONObject(manifest),
    let json = try? JSONSerialization.data(withJSONObject: manifest)
  else { return }
  json.withUnsafeBytes { _ = templates.folder.write("\(name)/manifest.json", $0) }
  guard let stored = try? store.open(model.version, for: model.dataset) else { return }
  score(model.dataset, by: stored.recommender)
  var writer = SafetensorsWriter()
  stored.recommender.write(into: &writer)
  if let sims = stored.recommender as? ItemCooccurrenceRecommender {
    _ = try? LiveItemSimilarity(sims, dataset: model.dataset)
  }
}

/// A checkpoint of a training that goes on from it.
private func resume(_ cursor: inout ByteCursor) {
  var parts = templates.checkpoint
  parts.edit(&cursor)
  let text = parts.metadata["training"] ?? ""
  let checksum = Array(text.utf8).withUnsafeBytes { Checksum.text(Checksum.crc32($0)) }
  parts.metadata["crc32"] = checksum
  parts.assembled().bytes.withUnsafeBytes {
    _ = templates.folder.write("checkpoint.safetensors", $0)
  }
  templates.train(resumes: true, path: templates.folder.path + "/checkpoint.safetensors")
}

/// What libFuzzer calls once.
@_cdecl("LLVMFuzzerInitialize")
public func beginFuzzingFiles(
  _ count: UnsafeMutablePointer<CInt>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
  FuzzSeeds.write(templates.seeds, count, arguments)
  return 0
}
