internal import Foundation
internal import Synchronization

/// Whether somebody asked for an end, by SIGINT (Ctrl-C) or SIGTERM, of work that ends in good order.
enum StopRequest {
  /// A signal handler may touch nothing but what exists already.
  private static let isMade = Atomic<Bool>(false)

  /// Takes the two signals over; a second one ends the program at once.
  static func listen() {
    isMade.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        StopRequest.isMade.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  /// Whether a signal came since ``listen()``.
  static var wasMade: Bool { isMade.load(ordering: .relaxed) }
}
