internal import Foundation
internal import InteractionData
internal import NIOPosix
internal import RecommenderRPC

/// Fills a record of answers through a real server.
struct RecordFill {
  /// Where the dataset and the models are.
  let workspace: String
  /// The folder that the server serves from; nothing may be there.
  let folder: String
  let customers: [String]

  private static let connectionCount = 4
  /// Between bursts the server has the time to write a block.
  private static let pause = Duration.milliseconds(60)
  private static let burstCount = 24

  /// Lets a server answer, and ends it.
  ///
  /// - Parameters:
  ///   - answerCount: the answers, at least.
  ///   - isKilled: whether it is killed, with a part of the record in the write-ahead log.
  ///   - seed: of what is asked.
  /// - Returns: the files of the record.
  /// - Throws: what the server and the calls throw.
  func run(answerCount: Int, isKilled: Bool, seed: UInt64) async throws -> RecordFiles {
    _ = try ScratchWorkspace(folder: folder, workspace: workspace)
    let server = try ServerProcess(workspace: folder, instance: seed)
    let port = server.port
    let perConnection = answerCount / (Self.connectionCount * Self.burstCount) + 1
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for connection in 0..<Self.connectionCount {
        tasks.addTask {
          try await ask(
            port: port, perConnection, SeededGenerator(seed: seed &+ UInt64(connection)))
        }
      }
      try await tasks.waitForAll()
    }
    if isKilled {
      try await Task.sleep(for: Self.pause * 4)
      server.kill()
    } else if !server.stop() {
      throw ServerProcess.DidNotStop()
    }
    return RecordFiles(folder: folder)
  }

  private func ask(port: Int, _ burst: Int, _ generator: SeededGenerator) async throws {
    var random = generator
    let client = try await RPCClient.connect(
      host: "127.0.0.1", port: port, group: MultiThreadedEventLoopGroup.singleton)
    for _ in 0..<Self.burstCount {
      for _ in 0..<burst {
        _ = try await client.recommend(
          user: customers[Int(random.next() % UInt64(customers.count))],
          count: 1 + Int(random.next() % 7), timeout: nil)
      }
      try await Task.sleep(for: Self.pause)
    }
    await client.close()
  }
}
