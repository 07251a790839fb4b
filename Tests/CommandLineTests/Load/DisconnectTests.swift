internal import Foundation
internal import InteractionData
internal import Testing

/// Clients that go in the middle of everything, beside a load that must not notice.
struct DisconnectTests {
  private enum End: CaseIterable {
    /// The socket is closed, whatever was not read.
    case close
    /// Likewise, with a reset.
    case reset
    /// Nothing more is sent; answers are read to the end.
    case halfClose
    /// Neither a byte nor an end: a machine that has lost its power looks like this.
    case silence
  }

  /// Requests of several kinds, and bytes that are none.
  private static func conversation(_ random: inout SeededGenerator) -> [UInt8] {
    var bytes: [UInt8] = []
    for id in 1...UInt32(40) {
      switch random.next() % 8 {
      case 0: bytes += RawConnection.frame(RawConnection.FrameType.request, method: 4, id: id)
      case 1: bytes += RawConnection.frame(RawConnection.FrameType.request, method: 5, id: id)
      case 2: bytes += RawConnection.frame(RawConnection.FrameType.ping, [1, 2, 3, 4, 5, 6, 7, 8])
      case 3: bytes += RawConnection.frame(RawConnection.FrameType.request, method: 99, id: id)
      case 4: bytes += RawConnection.frame(5, id: max(1, id / 2))
      default: bytes += RawConnection.recommend("user-\(id)", id: id)
      }
    }
    return bytes
  }

  @Test(.timeLimit(.minutes(5)), arguments: [UInt64(1), 2])
  func clientsThatVanishLeaveNothingBehind(seed: UInt64) throws {
    let server = try ServingWorkspace().serve()
    let (load, output, _) = try CommandRun.start([
      "bench", "rpc", "--server", server.address, "--connections", "2", "--outstanding", "8",
      "--seconds", "2", "--json",
    ])
    let collector = PipeCollector(output)
    var random = SeededGenerator(seed: seed)
    var silent: [RawConnection] = []
    var count = 0
    // At least so many, and as long as there is load.
    while count < 200 || load.isRunning && count < 5000 {
      count += 1
      let connection = try #require(RawConnection(server.address), "seed \(seed), \(count)")
      let bytes = Self.conversation(&random)
      let length = Int(random.next() % UInt64(bytes.count + 1))
      #expect(connection.send(Array(bytes.prefix(length))), "seed \(seed), \(count)")
      switch End.allCases[Int(random.next() % UInt64(End.allCases.count))] {
      case .close: break
      case .reset: connection.resetAtEnd()
      case .halfClose:
        connection.endSending()
        while !connection.receive().isEmpty {}
      case .silence: if silent.count < 100 { silent.append(connection) }
      }
    }
    load.waitUntilExit()
    let text = collector.wait()
    #expect(load.terminationStatus == 0 && text.contains("\"errors\":0"), "seed \(seed): \(text)")
    // All that have an end are gone; those without are there, and cost the others nothing.
    while try connections(server) > silent.count + 1 { usleep(10_000) }
    #expect(try connections(server) == silent.count + 1, "seed \(seed)")
    silent.removeAll()
    while try connections(server) > 1 { usleep(10_000) }
    #expect(server.stop() == 0)
  }

  private func connections(_ server: ServerRun) throws -> Int {
    let metrics = try #require(try server.call("status")["metrics"] as? [[String: Any]])
    let sample = metrics.first { $0["name"] as? String == "teller_connections" }
    return Int(try #require(sample?["value"] as? Double))
  }
}
