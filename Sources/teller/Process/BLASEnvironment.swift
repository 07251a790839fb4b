internal import Foundation
internal import LinearAlgebra

/// Starts the program over with the right matrix kernels, where the library would choose slow ones.
enum BLASEnvironment {
  /// OpenBLAS reads its choice before `main` runs, so a variable set now would come too late: the
  /// program replaces itself once, with the variable set.
  static func reexecuteIfNeeded() {
    guard let coreType = BLASRuntime.coreTypeForReexecution() else { return }
    setenv("OPENBLAS_CORETYPE", coreType, 1)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    execv("/proc/self/exe", &arguments)
    // Where that fails, slow kernels are still right.
  }
}
