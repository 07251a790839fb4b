internal import COpenBLAS
internal import CVectorKernels
public import Foundation

/// How the system's OpenBLAS is set up in this process.
public enum BLASRuntime {
  /// The environment variable by which OpenBLAS is told which kernels to use.
  public static let coreTypeVariable = "OPENBLAS_CORETYPE"

  /// OpenBLAS runs each call on the caller's thread: work is split over customers instead, which
  /// is faster for many small products and gives the same sums at any number of threads.
  static let singleThreaded: Bool = {
    openblas_set_num_threads(1)
    return true
  }()

  /// The kernels that OpenBLAS chose, such as `SkylakeX` or `Zen`.
  public static var coreName: String { String(cString: openblas_get_corename()) }

  /// The value to set ``coreTypeVariable`` to before running this program anew; nil when it is
  /// well as it is.
  ///
  /// OpenBLAS reads the variable when it is loaded, before `main`. Version 0.3.21 takes newer AMD
  /// cores with AVX-512 for older ones without, and halves its speed.
  ///
  /// - Parameter environment: the variables of this process.
  /// - Returns: `SkylakeX` where AVX-512 would lie idle.
  public static func coreTypeForReexecution(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String? {
    guard environment[coreTypeVariable] == nil, CVectorKernels_has_avx512() != 0 else {
      return nil
    }
    let usesAVX512 = ["skylakex", "cooperlake", "sapphirerapids"].contains(coreName.lowercased())
    return usesAVX512 ? nil : "SkylakeX"
  }
}
