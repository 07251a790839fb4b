internal import EventLog
internal import Experiments
internal import Exploration
internal import Foundation
internal import FuzzSupport
internal import TensorFiles

@testable internal import RecommenderService

// What the service reads again of its own files, behind their checksums, and the file of an
// experiment, for libFuzzer: `make fuzz`.
// The first byte of an input says which reader gets the rest.

private enum Reader: UInt8, CaseIterable {
  case block, slates, state, learned, experiment
}

private let folder = FuzzFolder()
private let service: SmallService = {
  do {
    return try SmallService()
  } catch {
    preconditionFailure("the service: \(error)")
  }
}()

/// Events that carry slates, at times of the fuzzer's choice, and responses to them.
private func replaySlates(_ cursor: inout ByteCursor) {
  guard let exploration = service.generation().live.exploration else { return }
  for number in 0..<8 where !cursor.isAtEnd {
    let kinds = Event.Kind.allCases
    let isExtreme = cursor.index(below: 4) == 0
    let time = isExtreme ? cursor.next(Int64.self) : Int64(cursor.next(UInt32.self)) * 1000
    let event = Event(
      eventID: "", userID: "c1", itemID: "i\(cursor.index(below: 6))",
      kind: kinds[cursor.index(below: kinds.count)], timeMilliseconds: time,
      recommendationID: "r\(cursor.index(below: 4))",
      impressionItemIDs: cursor.index(below: 4) == 0 ? ["i\(number % 5)", "none"] : [],
      slate: Array(cursor.take(cursor.index(below: 256))))
    exploration.apply(event)
  }
  use(exploration.policy)
  _ = exploration.takeTransitions()
}

/// What a service does with what it believes: a slate, a response, the lists of the status.
private func use(_ beliefs: SlatePolicy) {
  var policy = beliefs
  var slate = Slate()
  var scratch = SlateScratch()
  let request = SlateRequest(
    context: [UInt8](repeating: 1, count: policy.schema.valueCounts.count),
    candidates: [0, 1, 2, 3, 4], scores: [-1, .nan, 2, .nan, 0], slotCount: 3)
  policy.decide(request, recommendation: 7, scratch: &scratch, into: &slate)
  policy.learn(slate, request: request, responses: [.none, .accepted, .dismissed])
  _ = (policy.wake(atMilliseconds: 1), policy.coldProducts.count)
}

/// The state of a checkpoint, which the service takes up, goes on with, answers from and writes.
private func takeUp(_ bytes: UnsafeRawBufferPointer) {
  let generation = service.generation()
  var reader = StateReader(bytes)
  do {
    try generation.live.read(
      from: &reader, itemCount: generation.catalogue.current.itemIDs.count)
  } catch {
    return
  }
  generation.know(through: 0, eventCount: 0)
  guard (try? generation.catchUp()) != nil else { return }
  let engine = generation.makeEngine(generation.takeFirstUpdates(threadCount: 1))
  withExtendedLifetime(engine) {}
  if let policy = generation.live.exploration?.policy { use(policy) }
  var writer = StateWriter()
  try? generation.live.write(to: &writer)
}

private func takeUpBeliefs(_ bytes: UnsafeRawBufferPointer) {
  guard let exploration = service.generation().live.exploration,
    let learned = try? JSONDecoder().decode(SlatePolicy.Learned.self, from: Data(bytes)),
    (try? exploration.policy.takeUp(learned, itemCount: 5)) != nil
  else { return }
  use(exploration.policy)
}

/// What libFuzzer calls for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRecords(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var cursor = ByteCursor(UnsafeRawBufferPointer(start: start, count: count))
  switch Reader.allCases[cursor.index(below: Reader.allCases.count)] {
  case .block: StoredBlocks.read(cursor.rest())
  case .slates: replaySlates(&cursor)
  case .state: takeUp(cursor.rest())
  case .learned: takeUpBeliefs(cursor.rest())
  case .experiment: _ = try? Experiment(path: folder.write("experiment.json", cursor.rest()))
  }
  return 0
}

/// What libFuzzer calls once.
@_cdecl("LLVMFuzzerInitialize")
public func beginFuzzingRecords(
  _ count: UnsafeMutablePointer<CInt>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
  let experiment =
    #"{"name":"w","start_ms":1,"end_ms":9,"arms":[{"name":"a","share":1},"#
    + #"{"name":"b","share":2,"exploration_weight":0.5,"model":"sims"}]}"#
  let event: [UInt8] = [1, 0, 0, 0, 1, 0, 2, 0, 1, UInt8(service.slate.count)]
  FuzzSeeds.write(
    [
      ("slates", [Reader.slates.rawValue] + event + service.slate + event.reversed()),
      ("state", [Reader.state.rawValue] + service.state),
      ("learned", [Reader.learned.rawValue] + service.learned),
      ("experiment", [Reader.experiment.rawValue] + experiment.utf8),
    ]
      + StoredBlocks.seeds.enumerated().map {
        ("block-\($0.offset)", [Reader.block.rawValue] + $0.element)
      }, count, arguments)
  return 0
}
