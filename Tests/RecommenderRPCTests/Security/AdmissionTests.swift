internal import NIOCore
internal import NIOEmbedded
internal import Testing

@testable internal import RecommenderRPC

/// How many may be there who have not shown who they are, and how many guesses an address has.
@Suite struct AdmissionTests {
  private let clock = TestClock()
  private let log = EmbeddedServer.EventLog()

  private func address(_ text: String) throws -> PeerAddress {
    PeerAddress(try SocketAddress(ipAddress: text, port: 1))
  }

  private func control(_ limits: RPCLimits) -> AdmissionControl {
    let clock = clock
    return AdmissionControl(limits: limits, clock: { clock.now })
  }

  private func limits(
    unproven: Int = 256, ofOneAddress: Int = 64, failures: Int = 16, addresses: Int = 4096
  ) -> RPCLimits {
    var limits = RPCLimits()
    limits.maxUnprovenConnections = unproven
    limits.maxUnprovenConnectionsPerAddress = ofOneAddress
    limits.maxFailedCredentials = failures
    limits.failedCredentialRecovery = .seconds(10)
    limits.maxWatchedAddresses = addresses
    return limits
  }

  @Test func placesInAll() throws {
    let control = control(limits(unproven: 3))
    for last in 1...3 { #expect(control.admit(try address("10.0.0.\(last)")) == .admitted) }
    let full = AdmissionControl.Verdict.refused(
      .tooManyUnproven(limit: 3, ofOneAddress: false), isNews: true)
    #expect(control.admit(try address("10.0.0.4")) == full)
    control.leave(try address("10.0.0.2"))
    #expect(control.admit(try address("10.0.0.4")) == .admitted)
    // One who holds no place gives none back.
    control.leave(try address("10.0.0.9"))
    #expect(control.counts.unproven == 3)
  }

  @Test func placesOfOneAddress() throws {
    let control = control(limits(ofOneAddress: 2))
    let crowded = try address("10.0.0.1")
    #expect(control.admit(crowded) == .admitted)
    #expect(control.admit(crowded) == .admitted)
    let full = AdmissionControl.Verdict.refused(
      .tooManyUnproven(limit: 2, ofOneAddress: true), isNews: true)
    #expect(control.admit(crowded) == full)
    #expect(control.admit(try address("10.0.0.2")) == .admitted)
    control.leave(crowded)
    #expect(control.admit(crowded) == .admitted)
  }

  @Test func floodIsNewsOnceInAWhile() throws {
    let control = control(limits(ofOneAddress: 1))
    let crowded = try address("10.0.0.1")
    func isNews() -> Bool {
      guard case .refused(_, let isNews) = control.admit(crowded) else { return false }
      return isNews
    }
    _ = control.admit(crowded)
    #expect((0..<100).map { _ in isNews() }.filter { $0 }.count == 1)
    clock.advance(AdmissionControl.newsInterval)
    #expect((0..<100).map { _ in isNews() }.filter { $0 }.count == 1)
  }

  @Test func badTokensUpToTheirLimitAndForgivenOneByOne() throws {
    let control = control(limits(failures: 3))
    let guesser = try address("10.0.0.1")
    #expect(!control.fail(guesser))
    #expect(!control.fail(guesser))
    #expect(control.admit(guesser) == .admitted)
    control.leave(guesser)
    #expect(control.fail(guesser))
    #expect(control.admit(guesser) == .refused(.addressHeldOff(seconds: 10), isNews: false))
    #expect(control.admit(try address("10.0.0.2")) == .admitted)
    clock.advance(.milliseconds(9_999))
    #expect(control.admit(guesser) == .refused(.addressHeldOff(seconds: 1), isNews: false))
    clock.advance(.milliseconds(1))
    #expect(control.admit(guesser) == .admitted)
    // One was forgiven, so one more uses it up again, and that is told again.
    #expect(control.fail(guesser))
    // Failures of connections that were there already do not lengthen the wait without an end.
    for _ in 0..<100 { #expect(!control.fail(guesser)) }
    #expect(control.admit(guesser) == .refused(.addressHeldOff(seconds: 10), isNews: false))
  }

  @Test func addressesRememberedUpToTheirLimit() throws {
    let control = control(limits(addresses: 4))
    for last in 1...4 {
      _ = control.fail(try address("10.0.0.\(last)"))
      clock.advance(.seconds(1))
    }
    #expect(control.counts.addresses == 4)
    // The fifth takes the place of the one that is forgiven first.
    _ = control.fail(try address("10.0.0.5"))
    #expect(control.counts.addresses == 4)
    // After a while all are forgiven but the newest, and go at once.
    clock.advance(.minutes(1))
    _ = control.fail(try address("10.0.0.6"))
    #expect(control.counts.addresses == 1)
  }

  @Test func addressesAreAsCoarseAsTheirHolders() throws {
    #expect(try address("10.0.0.1") != address("10.0.0.2"))
    #expect(try address("::ffff:10.0.0.1") == address("10.0.0.1"))
    // A host has all of a /64.
    #expect(try address("2001:db8:1:2::1") == address("2001:db8:1:2:ffff::2"))
    #expect(try address("2001:db8:1:2::1") != address("2001:db8:1:3::1"))
    #expect(try address("0.0.0.0") != address("::"))
    #expect(try address("::") != PeerAddress(nil))
  }

  @Test(arguments: [
    ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("::ffff:127.0.0.1", true),
    ("0.0.0.0", false), ("::", false), ("10.0.0.1", false), ("128.0.0.1", false),
    ("::ffff:10.0.0.1", false), ("fe80::1", false),
  ])
  func loopback(_ text: String, _ isLoopback: Bool) throws {
    #expect(try SocketAddress(ipAddress: text, port: 1).isLoopback == isLoopback)
    let open = ServerSecurity()
    func check(_ isOpenWanted: Bool) -> Bool {
      (try? open.check(listeningOn: text, isOpenWanted: isOpenWanted)) != nil
    }
    #expect(check(false) == isLoopback)
    #expect(check(true))
  }

  // MARK: On a loop

  /// A server loop with tokens whose connections come from addresses of our choosing.
  private func loop(_ limits: RPCLimits) throws -> ServerLoop {
    let clock = clock
    let log = log
    let now: @Sendable () -> NIODeadline = { clock.now }
    let security = ServerSecurity(tokens: try AccessTests.table())
    return ServerLoop(
      methods: try EchoMethods(), limits: limits, clock: now,
      statistics: ServerStatistics(start: clock.now), report: { log.add($0) },
      gate: ServerGate(security, limits: limits, clock: now))
  }

  private func connect(_ loop: ServerLoop, from address: String) throws -> EmbeddedChannel {
    let channel = EmbeddedChannel()
    channel.remoteAddress = try SocketAddress(ipAddress: address, port: 1)
    try loop.accept(channel)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    return channel
  }

  private func received(_ channel: EmbeddedChannel) throws -> [Frame] {
    var bytes: [UInt8] = []
    while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
      bytes += buffer.readableBytesView
    }
    return Frames.split(Array(bytes.dropFirst(ProtocolVersion1.prefaceByteCount)))
  }

  @Test func onePlaceTooManyIsToldAndFreeAgainWithAToken() throws {
    let loop = try loop(limits(unproven: 2))
    let first = try connect(loop, from: "10.0.0.1")
    _ = try connect(loop, from: "10.0.0.2")
    let refused = try received(try connect(loop, from: "10.0.0.3"))
    #expect(refused.map(\.status) == [.resourceExhausted])
    #expect(
      refused[0].text
        == "the server has its limit of 2 connections that have not shown who they are")
    try first.writeInbound(
      ByteBuffer(bytes: ProtocolVersion1.preface + AccessTests.credentials("read-token")))
    let late = try connect(loop, from: "10.0.0.3")
    #expect(try received(late).isEmpty)
    // A connection that goes gives its place back, too.
    _ = try late.finish()
    #expect(try received(try connect(loop, from: "10.0.0.4")).isEmpty)
  }

  @Test func addressWithBadTokensIsTurnedAwayAndOthersAreNot() throws {
    let loop = try loop(limits(failures: 3))
    let known = try connect(loop, from: "10.0.0.1")
    try known.writeInbound(
      ByteBuffer(bytes: ProtocolVersion1.preface + AccessTests.credentials("read-token")))
    for number in 1...3 {
      let channel = try connect(loop, from: "10.0.0.1")
      try channel.writeInbound(
        ByteBuffer(
          bytes: ProtocolVersion1.preface + AccessTests.credentials("guess-\(number)")))
      #expect(try received(channel).map(\.status) == [.unauthenticated])
    }
    for _ in 0..<100 {
      let refused = try received(try connect(loop, from: "10.0.0.1"))
      #expect(refused.map(\.status) == [.resourceExhausted])
      #expect(
        refused[0].text == "too many bad tokens or handshakes came from this address: wait 10 s")
    }
    #expect(try received(try connect(loop, from: "10.0.0.2")).isEmpty)
    // Who is in stays in.
    try known.writeInbound(ByteBuffer(bytes: try Frames.recommend("u", id: 1)))
    #expect(try received(known).map(\.status) == [.ok])
    #expect(
      log.all.filter { $0.contains("too many bad tokens or handshakes: the address") }.count == 1)
    #expect(log.all.filter { $0.contains("sent away") }.count == 3)
    #expect(!log.all.contains { $0.contains("guess") })
    // Each is counted, whether it is news or not: three guesses and a hundred turned away.
    #expect(loop.counters.total(.violations) == 103)
    #expect(loop.counters.total(.connectionsOpened) == 105)
    clock.advance(.seconds(10))
    #expect(try received(try connect(loop, from: "10.0.0.1")).isEmpty)
  }
}
