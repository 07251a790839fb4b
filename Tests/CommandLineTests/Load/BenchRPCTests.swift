internal import Foundation
internal import Testing

/// `teller bench rpc` against the built server.
struct BenchRPCTests {
  private static let load = [
    "bench", "rpc", "--connections", "2", "--outstanding", "4", "--json",
  ]

  private func bench(_ server: ServerRun, _ options: String...) throws -> CommandRun {
    try CommandRun.run(Self.load + ["--server", server.address] + options)
  }

  @Test func modelsAreSwappedUnderLoadWithoutAFailedRequest() throws {
    let bank = try ServingWorkspace()
    let server = try bank.serve()
    let only = try bench(server, "--seconds", "3", "--reload-every", "0.1")
    #expect(only.exitCode != 0)
    #expect(only.errors.contains("no other models were in force before these"), "\(only.errors)")
    let trained = try CommandRun.run(["train", "popularity", "--workspace", bank.workspace])
    #expect(trained.exitCode == 0, "\(trained.errors)")
    let run = try bench(server, "--seconds", "5", "--reload-every", "0.1")
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(run.json["errors"] as? Int == 0)
    let swaps = try #require(run.json["swaps"] as? [[String: Any]])
    #expect(!swaps.isEmpty)
    var before = "popularity-0001"
    for swap in swaps {
      let version = try #require(swap["model_version"] as? String)
      #expect(swap["previous_model_version"] as? String == before)
      #expect(version != before && ["popularity-0001", "popularity-0002"].contains(version))
      #expect(swap["errors"] as? Int == 0)
      before = version
    }
    #expect(run.output.contains("worst p99 ms"))
    #expect(server.stop() == 0)
  }

  @Test func memoryAndIdleConnectionsAreReported() throws {
    let server = try ServingWorkspace().serve()
    let run = try bench(server, "--seconds", "1", "--idle", "300")
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(run.json["errors"] as? Int == 0)
    #expect(try #require(run.json["requests"] as? Int) > 0)
    let memory = try #require(run.json["memory_bytes"] as? [Int])
    #expect(memory.count == 3 && memory.allSatisfy { $0 > 1 << 20 })
    #expect(run.json["bytes_per_idle_connection"] != nil)
    #expect(run.output.contains("per idle connection"))
    let status = try server.call("status")
    let metrics = try #require(status["metrics"] as? [[String: Any]])
    let opened = metrics.first { $0["name"] as? String == "teller_connections_opened_total" }
    #expect(try #require(opened?["value"] as? Double) >= 300)
    #expect(server.stop() == 0)
  }

  /// A server that may have few files open says so, and turns away what is one too many.
  @Test func fewOpenFilesMeanFewConnections() throws {
    let bank = try ServingWorkspace()
    let server = try ServerRun(workspace: bank.workspace, openFileLimit: 300)
    #expect(try bench(server, "--seconds", "1", "--idle", "150").exitCode == 0)
    let full = try bench(server, "--seconds", "1", "--idle", "200")
    #expect(full.exitCode != 0)
    #expect(full.errors.contains("the server has its limit of 172 connections"), "\(full.errors)")
    #expect(try server.recommend().exitCode == 0)
    #expect(server.stop() == 0)
    #expect(server.log().contains("connections=172"))
    let few = try #require(throws: ServerRun.DidNotStart.self) {
      try ServerRun(workspace: bank.workspace, openFileLimit: 200)
    }
    #expect(few.errors.contains("256 open files are needed, and 200 are allowed"), "\(few.errors)")
  }

  @Test func optionsHaveTheirRange() throws {
    for options in [
      ["--reload-every", "0.09"], ["--reload-every", "3601"], ["--idle", "16385"],
      ["--reload-every", "1", "--seconds", "3601"],
    ] {
      let run = try CommandRun.run(Self.load + options)
      #expect(run.exitCode == 64, "\(options)")
    }
  }
}
