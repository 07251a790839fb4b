/// One number that an operator watches.
public struct StatusSample: Hashable, Sendable {
  /// What tells a number from others of its name.
  public struct Label: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: String

    /// Makes a label.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Its name, in the conventions of Prometheus.
  public var name: String
  /// Ordered by name.
  public var labels: [Label]
  /// The number.
  public var value: Double

  /// Makes a sample.
  public init(name: String, labels: [Label] = [], value: Double) {
    self.name = name
    self.labels = labels
    self.value = value
  }
}

/// What a client learns from Status.
public struct StatusReport: Equatable, Sendable {
  /// Whether new requests are welcome.
  public var status: ServingStatus
  /// Milliseconds since the server started.
  public var uptimeMilliseconds: UInt64
  /// Version of the server program.
  public var serverVersion: String
  /// Version of the model now answering.
  public var modelVersion: String
  /// The numbers.
  public var samples: [StatusSample]

  /// Makes a report.
  public init(
    status: ServingStatus, uptimeMilliseconds: UInt64, serverVersion: String,
    modelVersion: String, samples: [StatusSample]
  ) {
    self.status = status
    self.uptimeMilliseconds = uptimeMilliseconds
    self.serverVersion = serverVersion
    self.modelVersion = modelVersion
    self.samples = samples
  }

  /// The number of a name and labels; nil when there is none.
  public func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
    samples.first { sample in
      sample.name == name && sample.labels.count == labels.count
        && sample.labels.allSatisfy { labels[$0.name] == $0.value }
    }?.value
  }

  /// The sum over all labels of a name; 0 when there is none.
  public func sum(_ name: String) -> Double {
    samples.reduce(0) { $0 + ($1.name == name ? $1.value : 0) }
  }
}
