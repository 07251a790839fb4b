internal import Glibc
internal import NIOCore

/// Where a connection comes from, as coarse as one customer of an internet provider: a whole IPv4
/// address, or the first 64 bits of an IPv6 address, of which every host has 2^64.
struct PeerAddress: Hashable, Sendable {
  private var high: UInt64 = 0
  private var low: UInt64 = 0

  /// nil and sockets without an address are all one peer.
  init(_ address: SocketAddress?) {
    guard let bytes = address?.ipBytes else { return }
    low = 1
    if bytes.count == 4 {
      low = 2
      high = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    } else {
      high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
    }
  }
}

extension SocketAddress {
  /// The 4 or 16 bytes of the address; IPv4 written as IPv6 is IPv4. nil for other sockets.
  fileprivate var ipBytes: [UInt8]? {
    guard let text = ipAddress else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes[..<4]) }
    guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
    let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    return isMapped ? Array(bytes[12...]) : bytes
  }

  /// Whether only this machine can reach the address.
  var isLoopback: Bool {
    guard let bytes = ipBytes else { return true }
    return bytes.count == 4
      ? bytes[0] == 127 : bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1
  }
}
