/// Where a service keeps a checkpoint of what the log has told, and how often it is renewed.
public struct CheckpointConfiguration: Sendable {
  /// The range of ``eventInterval``.
  public static let eventIntervalRange = 1...1_000_000_000
  /// As many events are replayed in about two seconds.
  public static let defaultEventInterval = 500_000

  /// The file.
  public var path: String
  /// The events after which it is renewed, while the service goes on. A killed server leaves as many
  /// to be replayed, and those that came while it was being renewed.
  public var eventInterval: Int

  /// Makes a configuration.
  public init(path: String, eventInterval: Int = CheckpointConfiguration.defaultEventInterval) {
    self.path = path
    self.eventInterval = eventInterval
  }
}
