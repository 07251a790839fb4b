/// Names one answer of one run of a server.
struct RecommendationNumber {
  /// A random number of the run.
  let instance: UInt64
  /// Counts the run's answers, from 1.
  let count: UInt64

  /// What the answer's draws depend on, beside the seed.
  var draw: UInt64 { (instance &* 0x9e37_79b9_7f4a_7c15) ^ count }

  /// Reads a `recommendation_id`: 32 hexadecimal digits, the instance first. Nil for anything else.
  init?(_ identifier: String) {
    guard identifier.utf8.count == 32,
      let instance = UInt64(identifier.prefix(16), radix: 16),
      let count = UInt64(identifier.suffix(16), radix: 16)
    else { return nil }
    self.init(instance: instance, count: count)
  }

  init(instance: UInt64, count: UInt64) {
    self.instance = instance
    self.count = count
  }
}
