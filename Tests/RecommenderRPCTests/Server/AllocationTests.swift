internal import CAllocationCounter
internal import NIOCore
internal import Testing

@testable internal import RecommenderRPC

/// A Recommend allocates nothing once the buffers have grown to what answers need.
@Suite(.enabled(if: teller_counts_allocations(), "a sanitizer has its own allocator"))
struct AllocationTests {
  /// Allocations of this thread while `requests` are read, executed and answered.
  private func allocations(
    of requests: [UInt8], count: Int, onRecommend: @escaping () -> Void = {}
  ) throws -> UInt64 {
    let methods = try EchoMethods()
    methods.onRecommend = onRecommend
    let limits = RPCLimits()
    let dispatcher = RequestDispatcher(
      methods: methods, limits: limits, clock: { .uptimeNanoseconds(1) },
      statistics: ServerStatistics(start: .uptimeNanoseconds(0)))
    var state = ServerConnectionState(limits: limits)
    _ = ProtocolVersion1.preface.withUnsafeBytes { state.receive($0) }
    var output = ByteBuffer()
    var answered = 0
    func round() {
      output.clear()
      requests.withUnsafeBytes { bytes in
        var offset = 0
        while offset < bytes.count {
          let step = state.receive(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
          guard case .request(let header, let method) = step.event else { return }
          let payload = bytes[(offset + FrameHeader.byteCount)..<(offset + step.consumed)]
          do throws(RPCError) {
            try dispatcher.execute(
              method, header, payload: UnsafeRawBufferPointer(rebasing: payload), deadline: nil,
              into: &output)
            answered += 1
          } catch {}
          offset += step.consumed
        }
      }
    }
    for _ in 0..<8 { round() }
    let settled = answered
    let before = teller_thread_allocations()
    for _ in 0..<count { round() }
    let after = teller_thread_allocations()
    #expect(answered - settled == count * (settled / 8))
    return after - before
  }

  private func burst() throws -> [UInt8] {
    var bytes: [UInt8] = []
    for id in UInt32(1)...16 {
      bytes += try Frames.recommend("user-\(id)", id: id, count: 7, excluding: ["item-3"])
    }
    return bytes
  }

  @Test func aRecommendAllocatesNothing() throws {
    let found = try allocations(of: try burst(), count: 100)
    #expect(found == 0, "\(found) allocations in 1600 requests")
  }

  @Test func checkingARightAllocatesNothing() throws {
    let server = try AccessTests.server()
    try server.send(AccessTests.credentials("read-token"))
    let header = FrameHeader(.request, payloadLength: 0, method: 1, requestID: 1)
    var admitted = 0
    let before = teller_thread_allocations()
    for _ in 0..<1000 where server.handler.admits(header) { admitted += 1 }
    let found = teller_thread_allocations() - before
    #expect(found == 0, "\(found) allocations in 1000 checks")
    #expect(admitted == 1000)
  }

  @Test func aServiceThatAllocatesIsFoundOut() throws {
    let found = try allocations(of: try burst(), count: 100) {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 8)
      withExtendedLifetime(memory) { $0.storeBytes(of: 1, as: UInt8.self) }
      memory.deallocate()
    }
    #expect(found >= 1600, "\(found) allocations were counted of 1600")
  }
}
