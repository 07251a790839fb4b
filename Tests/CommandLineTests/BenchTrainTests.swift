internal import Foundation
internal import Testing

/// `teller bench train`: the same work at any number of threads, and limits.
struct BenchTrainTests {
  private static let small = [
    "bench", "train", "--hidden", "32", "--batch", "96", "--months", "3", "--inputs", "5",
    "--outputs", "4", "--steps", "2", "--json",
  ]

  @Test func checksumsAreTheSameAtAnyThreadCount() throws {
    var checksums: [[String]] = []
    for threads in ["1", "2"] {
      let run = try CommandRun.run(Self.small + ["--threads", threads])
      #expect(run.exitCode == 0, "\(run.errors)")
      checksums.append(
        try ["dense", "panel"].map { name in
          let report = try #require(run.json[name] as? [String: Any])
          #expect((report["customer_months_per_second"] as? Double ?? 0) > 0)
          return try #require(report["checksum"] as? String)
        })
    }
    #expect(checksums[0] == checksums[1])
    // Another number of steps comes to something else: the work is done.
    let other = try CommandRun.run(
      Self.small + ["--network", "dense", "--threads", "1", "--steps", "3"])
    let dense = try #require(other.json["dense"] as? [String: Any])
    #expect(dense["checksum"] as? String != checksums[0][0])
    #expect(other.json["panel"] == nil)
  }

  @Test func limitsAreNamed() throws {
    for (option, good, bad) in [
      ("--outputs", "64", "65"), ("--months", "2", "1"), ("--inputs", "1", "0"),
    ] {
      let run = try CommandRun.run(
        Self.small + ["--network", "dense", "--threads", "1", option, good])
      #expect(run.exitCode == 0, "\(run.errors)")
      #expect(try CommandRun.run(Self.small + [option, bad]).exitCode == 64, "\(option) \(bad)")
    }
  }
}
