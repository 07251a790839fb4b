internal import Foundation
internal import NIOPosix
internal import RecommenderRPC

/// The tour of the Swift client: `SwiftClientTour HOST:PORT` runs every sample, with a number behind
/// the address only that one. The tenth needs a server with TLS and tokens, and files behind its
/// number, so that it runs by itself only. With `--interop` it is the agent of the suite that all
/// clients pass.
@main
enum Tour {
  private typealias Sample = @Sendable (RPCClient) async throws(RPCError) -> Void

  private static func samples(
    _ connect: @escaping RPCClientPool.Connector
  ) -> [(name: String, run: Sample)] {
    [
      ("01 recommend", { client throws(RPCError) in try await recommend(client) }),
      ("02 feedback", { client throws(RPCError) in try await feedback(client) }),
      ("03 many at once", { client throws(RPCError) in try await manyAtOnce(client) }),
      ("04 errors", { client throws(RPCError) in try await errors(client) }),
      ("05 recommend many", { client throws(RPCError) in try await recommendMany(client) }),
      ("06 pool", { _ throws(RPCError) in try await pool(connect) }),
      ("07 answers on record", { client throws(RPCError) in try await answersOnRecord(client) }),
      ("08 new products", { client throws(RPCError) in try await newProducts(client) }),
      ("09 operations", { client throws(RPCError) in try await operations(client) }),
    ]
  }

  /// HOST:PORT in its parts.
  private static func parse(_ address: String) throws(RPCError) -> (host: String, port: Int) {
    guard let colon = address.lastIndex(of: ":"),
      let port = Int(address[address.index(after: colon)...])
    else {
      throw RPCError(
        code: .invalidArgument, message: "use: SwiftClientTour [--interop] HOST:PORT")
    }
    return (String(address[..<colon]), port)
  }

  static func main() async {
    let arguments = CommandLine.arguments.dropFirst()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do throws(RPCError) {
      if arguments.dropFirst().first == "10" {
        print("== 10 security")
        try await SecuritySample(
          address: try parse(arguments.first ?? ""), group: group,
          files: Array(arguments.dropFirst(2))
        ).run()
        return
      }
      let (host, port) = try parse(arguments.last { $0.contains(":") } ?? "")
      let connect: RPCClientPool.Connector = { timeout throws(RPCError) in
        try await RPCClient.connect(
          host: host, port: port, group: group, connectTimeout: timeout)
      }
      let client = try await connect(.seconds(10))
      if arguments.contains("--interop") {
        await InteropAgent(
          client: client,
          connect: { request throws(RPCError) in
            let (host, port) = try parse(request.text("server"))
            return try await RPCClient.connect(
              host: host, port: port, group: group, tls: try request.tls(),
              token: request.has("token") ? request.text("token") : nil)
          }
        ).run()
      } else {
        let chosen = arguments.last.flatMap { Int($0) }
        for (index, sample) in samples(connect).enumerated()
        where chosen == nil || chosen == index + 1 {
          print("== \(sample.name)")
          try await sample.run(client)
        }
      }
      await client.close()
    } catch {
      try? FileHandle.standardError.write(contentsOf: Data("SwiftClientTour: \(error)\n".utf8))
      exit(1)
    }
  }
}
