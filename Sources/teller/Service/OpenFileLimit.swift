internal import Glibc

/// The number of files, and so of connections, that this process may have open.
enum OpenFileLimit {
  /// Raises it to what the system allows; a process begins with less, for the sake of old programs.
  static func raise() {
    var limit = rlimit()
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(files, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(files, &limit)
  }
}
