internal import Foundation

/// What this process has used of the machine.
enum ProcessMemory {
  /// The most memory it ever had resident, in bytes, mapped files included.
  static var peakBytes: Int {
    var usage = rusage()
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
