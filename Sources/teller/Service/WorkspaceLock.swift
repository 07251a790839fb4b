internal import Foundation

/// Lets one server at a time use a workspace: two would acknowledge events that the other does not
/// know of.
final class WorkspaceLock {
  /// Another server has the workspace.
  struct Taken: Error, CustomStringConvertible {
    let workspace: String

    var description: String {
      "\(workspace): another server runs on this workspace; stop it, or use another --workspace"
    }
  }

  private let descriptor: Int32

  /// Takes the workspace; the lock goes with the process, however that ends.
  init(workspace: String) throws {
    descriptor = open("\(workspace)/serve.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw CocoaError(.fileWriteNoPermission, userInfo: [NSFilePathErrorKey: workspace])
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw Taken(workspace: workspace)
    }
  }

  deinit { close(descriptor) }
}
