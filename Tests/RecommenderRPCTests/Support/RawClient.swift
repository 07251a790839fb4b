internal import Foundation
internal import Glibc
internal import NIOCore

@testable internal import RecommenderRPC

/// A client of plain blocking sockets that sends whatever bytes a test wants. One thread may send
/// while another receives.
final class RawClient: @unchecked Sendable {
  private let socket: CInt
  private var received: [UInt8] = []
  private var chunk = [UInt8](repeating: 0, count: 1 << 16)

  /// nil when the system gives no socket or the server cannot be reached.
  init?(port: Int) {
    socket = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { return nil }
    let result = try? SocketAddress(ipAddress: "127.0.0.1", port: port).withSockAddr {
      connect(socket, $0, socklen_t($1))
    }
    if result != 0 { return nil }
  }

  deinit { Glibc.close(socket) }

  /// Ends what a thread is sending or receiving.
  func cutOff() { shutdown(socket, CInt(SHUT_RDWR)) }

  /// Sends all bytes; false when the connection is gone.
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }

  private func receiveMore() -> Bool {
    let count = recv(socket, &chunk, chunk.count, 0)
    if count > 0 { received += chunk[..<count] }
    return count > 0
  }

  /// Waits for the server's preface.
  func receivePreface() -> Bool {
    while received.count < 8 { if !receiveMore() { return false } }
    received.removeFirst(8)
    return true
  }

  /// Whole frames that have come, at least one; empty when the server has closed.
  func receive() -> [Frame] {
    while true {
      let frames = Frames.split(received)
      if !frames.isEmpty {
        received.removeFirst(frames.reduce(0) { $0 + $1.header.frameByteCount })
        return frames
      }
      if !receiveMore() { return [] }
    }
  }

  /// Runs blocking work on a thread of its own.
  static func onThread<Result: Sendable>(
    _ work: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { continuation in
      Thread { continuation.resume(returning: work()) }.start()
    }
  }
}
