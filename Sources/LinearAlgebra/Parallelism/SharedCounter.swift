internal import Foundation
internal import Synchronization

/// Hands out 0, 1, 2, … to whoever asks, each number once.
final class SharedCounter: Sendable {
  private let value = Atomic<Int>(0)

  func next() -> Int { value.add(1, ordering: .relaxed).oldValue }
}

/// The machine, as far as splitting work needs to know it.
enum ProcessInfoProcessors {
  static let count = ProcessInfo.processInfo.activeProcessorCount
}
