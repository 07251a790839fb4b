internal import ArgumentParser

/// `teller bench …`
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast things are, and try how much they bear.",
    discussion: """
      Example:
        teller bench rpc --server 127.0.0.1:7001 --connections 16 --outstanding 16
        teller bench sims --train train.txt --test test.txt
        teller bench exploration
        teller bench feedback --server 127.0.0.1:7001
        teller bench train --hidden 128 --threads 2
        teller bench crash --kills 1000
        teller bench full-disk --rounds 100
        teller bench tamper --changes 1000
      """,
    subcommands: [
      BenchRPCCommand.self, BenchSimsCommand.self, BenchTrainCommand.self,
      BenchExplorationCommand.self, BenchFeedbackCommand.self, BenchRestartCommand.self,
      BenchCrashCommand.self, BenchFullDiskCommand.self, BenchTamperCommand.self,
    ])
}
