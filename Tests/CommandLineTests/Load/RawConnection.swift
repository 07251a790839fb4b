internal import Foundation

/// A client of plain blocking sockets that speaks the protocol by hand, for what no client library
/// lets one do.
final class RawConnection: @unchecked Sendable {
  /// A frame: the header's numbers and the payload.
  struct Frame {
    var type: UInt8
    var requestID: UInt32
    var word: UInt32
    var payload: [UInt8]
  }

  /// Frame types of the protocol.
  enum FrameType {
    static let request: UInt8 = 1
    static let response: UInt8 = 2
    static let ping: UInt8 = 6
    static let pong: UInt8 = 7
    static let goAway: UInt8 = 8
  }

  private static let preface = Array("TELLER".utf8) + [1, 0]
  private let socket: Int32
  private var received: [UInt8] = []
  private var chunk = [UInt8](repeating: 0, count: 1 << 16)

  /// Connects and exchanges prefaces; nil when that fails.
  init?(_ address: String) {
    socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0, let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      return nil
    }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0, send(Self.preface) else { return nil }
    while received.count < Self.preface.count { if !receiveMore() { return nil } }
    received.removeFirst(Self.preface.count)
  }

  deinit { close(socket) }

  static func frame(
    _ type: UInt8, method: UInt8 = 0, id: UInt32 = 0, _ payload: [UInt8] = []
  ) -> [UInt8] {
    func bytes(_ number: UInt32) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
    return bytes(UInt32(payload.count)) + [type, 0, method, 0] + bytes(id) + bytes(0) + payload
  }

  /// A Recommend for a customer whose name is shorter than 128 bytes.
  static func recommend(_ user: String, id: UInt32) -> [UInt8] {
    frame(FrameType.request, method: 1, id: id, [0x0A, UInt8(user.utf8.count)] + Array(user.utf8))
  }

  /// Sends all bytes; false when the connection is gone.
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }

  /// Ends our half of the connection, and reads on.
  func endSending() { shutdown(socket, Int32(SHUT_WR)) }

  /// Lets the end of this object be a reset, whatever was not read.
  func resetAtEnd() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  private func receiveMore() -> Bool {
    let count = recv(socket, &chunk, chunk.count, 0)
    if count > 0 { received += chunk[..<count] }
    return count > 0
  }

  /// Whole frames that have come, at least one; empty when the server has closed.
  func receive() -> [Frame] {
    while true {
      var frames: [Frame] = []
      var rest = received[...]
      while rest.count >= 16 {
        let start = rest.startIndex
        func number(_ offset: Int) -> UInt32 {
          (0..<4).reduce(0) { $0 | UInt32(rest[start + offset + $1]) << ($1 * 8) }
        }
        let end = start + 16 + Int(number(0))
        guard end <= rest.endIndex else { break }
        frames.append(
          Frame(
            type: rest[start + 4], requestID: number(8), word: number(12),
            payload: Array(rest[(start + 16)..<end])))
        rest = rest[end...]
      }
      received = Array(rest)
      if !frames.isEmpty { return frames }
      if !receiveMore() { return [] }
    }
  }
}
