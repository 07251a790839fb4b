internal import InteractionData
internal import TensorFiles

/// A sequence network and how it reads histories.
struct SequenceModel: Sendable {
  let network: SequenceNetwork
  let settings: HRNNConfiguration

  /// The most items: each shard of a batch holds a gradient of all embeddings.
  static let itemLimit = 200_000
  /// The most customers in one pass of the network.
  static let shardRows = 64
  /// Customers in one pass when scoring: their events are many, their logits wide.
  static let scoringRows = 16

  static func dimensions(items: Int, settings: HRNNConfiguration) -> SequenceDimensions {
    SequenceDimensions(
      items: items, embedding: settings.embeddingDimension, units: settings.hiddenDimension)
  }

  init(network: SequenceNetwork, settings: HRNNConfiguration) {
    self.network = network
    self.settings = settings
  }

  /// Reads the tensors of a file.
  ///
  /// - Throws: ``ModelError`` for a tensor that is missing, of another shape, or holds what is no
  ///   number.
  init(
    file: SafetensorsFile, description: HRNNDescription, settings: HRNNConfiguration
  ) throws(ModelError) {
    network = SequenceNetwork(Self.dimensions(items: description.items, settings: settings))
    self.settings = settings
    try network.parameters.read(network.layout.slots, from: file)
  }

  func walk(_ interactions: InteractionTable) -> EventWalk {
    EventWalk(
      eventLimit: settings.eventLimit, sessionGapSeconds: Int64(settings.sessionGapSeconds),
      itemCount: network.dimensions.items, positive: interactions.positiveEventTypes)
  }
}
