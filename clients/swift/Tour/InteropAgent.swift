internal import RecommenderRPC

/// The Swift client's agent for `clients/interop/run.py`, which says what an agent reads and writes.
struct InteropAgent {
  /// Connects to the HOST:PORT of a request, as its other arguments say.
  typealias Connector = @Sendable (Request) async throws(RPCError) -> RPCClient

  /// The client that the requests are made with.
  let client: RPCClient
  /// Makes another one.
  let connect: Connector

  /// Reads requests, a line each, until there are no more.
  func run() async {
    var client = client
    var begun: [Task<InteropFields, any Error>] = []
    while let line = readLine() {
      var words = line.split(separator: " ").map(String.init)
      let begins = words.first == "begin"
      if begins { words.removeFirst() }
      let request = Request(words)
      switch request.command {
      case "connect":
        let old = client
        let task = Task { [connect] in
          await old.close()
          let new = try await connect(request)
          // Whether the server lets the client in.
          _ = try await new.health()
          return new
        }
        if let new = await answer(task, { _ in InteropFields() }) { client = new }
      case "cancel", "finish":
        let task = begun.isEmpty ? nil : begun.removeFirst()
        if request.command == "cancel" { task?.cancel() }
        await answer(task) { $0 }
      default:
        let task = RPCTrace.$current.withValue(request.trace) {
          Task { [client] in try await Self.call(client, request) }
        }
        if begins {
          begun.append(task)
          // The request leaves on another thread; what the test does to the server comes after it.
          try? await Task.sleep(for: .milliseconds(100))
          print("status=OK")
        } else {
          await answer(task) { $0 }
        }
      }
      flushOutput()
    }
    await client.close()
  }

  /// Prints what came of a task, and gives it.
  @discardableResult
  private func answer<Value: Sendable>(
    _ task: Task<Value, any Error>?, _ fields: (Value) -> InteropFields
  ) async -> Value? {
    var said = InteropFields()
    var value: Value?
    do {
      value = try await task?.value
      said.add("status", "OK")
      if let value { said.add(fields(value)) }
    } catch {
      let error = error as? RPCError
      said.add("status", error?.code.name ?? "UNKNOWN")
      said.add("message", text: error?.message ?? "no error of the client")
    }
    print(said.line)
    return value
  }
}
