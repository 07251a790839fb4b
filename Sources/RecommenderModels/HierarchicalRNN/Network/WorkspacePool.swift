internal import Synchronization

/// Workspaces that wait for the next piece of work, so that each thread has one and none is made
/// twice.
final class WorkspacePool<Workspace>: @unchecked Sendable {
  // Guarded by `lock`.
  private var idle: [Workspace] = []
  private let lock = Mutex<Void>(())
  private let make: @Sendable () -> Workspace

  init(_ make: @escaping @Sendable () -> Workspace) { self.make = make }

  func withWorkspace<Result>(_ body: (Workspace) -> Result) -> Result {
    let workspace = lock.withLock { _ in idle.popLast() } ?? make()
    defer { lock.withLock { _ in idle.append(workspace) } }
    return body(workspace)
  }
}
