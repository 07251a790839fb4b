internal import InteractionData
internal import LinearAlgebra

/// The events of the customers that are worked on at a time, longest first.
struct SequenceShard {
  /// A customer's events that another one follows; each knows that one.
  var rows: [[SequenceEvent]]
  /// The customer of each row, where attributes are read.
  var customers: [Int] = []

  var eventCount: Int { rows.reduce(0) { $0 + $1.count } }

  /// The sum of the events' weights.
  var weight: Double { rows.joined().reduce(0) { $0 + Double($1.weight) } }

  /// All items, with repetitions.
  var items: [UInt32] { rows.flatMap { row in row.map(\.item) + row.suffix(1).map(\.next) } }
}

/// Cuts batches of customers into shards and gives each thread a workspace.
final class SequenceShards: Sendable {
  private let dataset: Dataset
  private let walk: EventWalk
  private let encoder: AttributeEncoder
  private let rows: Int
  private let threadCount: Int
  private let pool: WorkspacePool<SequenceWorkspace>

  init(
    _ model: SequenceModel, _ dataset: Dataset, rows: Int, stepLimit: Int, threadCount: Int
  ) {
    self.dataset = dataset
    self.rows = rows
    self.threadCount = threadCount
    walk = model.walk(dataset)
    encoder = model.encoder(dataset.customerAttributes)
    let dimensions = model.network.dimensions
    pool = WorkspacePool {
      SequenceWorkspace(dimensions, rowLimit: rows, stepLimit: stepLimit, training: true)
    }
  }

  /// Reads the events of a batch; within each shard, and from shard to shard, histories get shorter.
  func collect(
    _ batch: [SequenceSamples.Sample], recencyMask: Bool = false
  ) -> [SequenceShard] {
    let ordered = batch.enumerated().sorted {
      ($1.element.steps, $0.offset) < ($0.element.steps, $1.offset)
    }.map(\.element)
    let ranges = Parallel.chunks(of: ordered.count, chunkSize: rows)
    let results = ShardResults<SequenceShard>(
      count: ranges.count, initial: SequenceShard(rows: []))
    let (dataset, walk) = (dataset, walk)
    Parallel.forEach(count: ranges.count, threadCount: threadCount) { shard in
      var events: [SequenceEvent] = []
      results[shard].customers = ordered[ranges[shard]].map(\.customer)
      results[shard].rows = ordered[ranges[shard]].map { sample in
        walk.collect(dataset.history(of: sample.customer), into: &events)
        var row = Array(events.prefix(sample.steps))
        if recencyMask {
          for step in row.indices { row[step].weight = 1 / Float(row.count - step).squareRoot() }
        }
        return row
      }
    }
    return results.values
  }

  /// Calls `body` for each shard with its number and a workspace filled with its events.
  ///
  /// - Parameters:
  ///   - shards: the shards.
  ///   - places: where the items' rows are; nil for the whole catalogue.
  ///   - body: the work of a shard.
  func forEach(
    _ shards: [SequenceShard], places: ActiveItems? = nil,
    _ body: @Sendable (Int, SequenceWorkspace) -> Void
  ) {
    Parallel.forEach(count: shards.count, threadCount: threadCount) { shard in
      pool.withWorkspace { space in
        let rows = shards[shard].rows
        space.begin(stepCounts: rows.map(\.count))
        for (row, events) in rows.enumerated() {
          if encoder.width > 0 {
            encoder.encode(
              shards[shard].customers[row],
              into: space.attributes.encoded.base + row * encoder.width)
          }
          for (step, event) in events.enumerated() {
            var event = event
            if let places {
              event.item = places.place(of: event.item)
              event.next = places.place(of: event.next)
            }
            space.events[space.shape.stepOffsets[step] + row] = event
          }
        }
        space.listOpenings()
        body(shard, space)
      }
    }
  }
}
