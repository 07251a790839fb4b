internal import Glibc

/// What this process has used so far, as the kernel counts it.
public struct ProcessUsage: Equatable, Sendable {
  /// User and system CPU time of all threads, in microseconds.
  public var cpuMicroseconds: UInt64
  /// Resident memory in bytes; 0 where the kernel does not say.
  public var memoryBytes: UInt64

  /// Asks the kernel. Costs a few microseconds.
  public static func current() -> ProcessUsage {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    let microseconds = UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    return ProcessUsage(cpuMicroseconds: microseconds, memoryBytes: residentBytes())
  }

  /// The second number of /proc/self/statm is the resident set in pages.
  private static func residentBytes() -> UInt64 {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = read(file, &bytes, bytes.count)
    guard count > 0 else { return 0 }
    let fields = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
    guard fields.count > 1, let pages = UInt64(fields[1]) else { return 0 }
    return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
  }
}
