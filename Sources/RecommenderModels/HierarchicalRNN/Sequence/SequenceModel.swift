internal import InteractionData
internal import TensorFiles

/// A sequence network, the transitions it is mixed with, and how both read histories.
struct SequenceModel: Sendable {
  let network: SequenceNetwork
  let transitions: TransitionBox
  let settings: HRNNConfiguration
  /// How customers' attributes are read; empty when they are not.
  let encoding: AttributeEncoding

  /// The most items: places in the catalogue are 32-bit, and a row of scores must fit in memory.
  static let itemLimit = 16_777_216
  /// The most customers in one pass of the network.
  static let shardRows = 64
  /// Customers in one pass when scoring: their events are many, their logits wide.
  static let scoringRows = 16

  /// Refuses a catalogue that is empty or too large.
  ///
  /// - Throws: ``ModelError/unsuitableDataset(kind:reason:)``.
  static func check(itemCount: Int) throws(ModelError) {
    if (1...itemLimit).contains(itemCount) { return }
    throw .unsuitableDataset(
      kind: .hrnn, reason: "\(itemCount) items, it can have 1 to \(itemLimit)")
  }

  static func dimensions(
    items: Int, encoding: AttributeEncoding = AttributeEncoding(), settings: HRNNConfiguration
  ) -> SequenceDimensions {
    SequenceDimensions(
      items: items, embedding: settings.embeddingDimension, units: settings.hiddenDimension,
      propagatesUser: settings.userPropagation == .all, attributeFeatures: encoding.width,
      attributeUnits: encoding.width > 0 ? settings.attributeDimension : 0)
  }

  init(
    network: SequenceNetwork, encoding: AttributeEncoding = AttributeEncoding(),
    settings: HRNNConfiguration
  ) {
    self.network = network
    self.encoding = encoding
    self.settings = settings
    transitions = TransitionBox(TransitionMixture(itemCount: network.dimensions.items))
  }

  private init(_ model: SequenceModel, network: SequenceNetwork) {
    self.network = network
    encoding = model.encoding
    settings = model.settings
    transitions = model.transitions
  }

  /// The model as it is stored: with the items' features in their rows.
  var finished: SequenceModel { SequenceModel(self, network: network.withFeaturesInRows()) }

  /// Reads the tensors of a file.
  ///
  /// - Throws: ``ModelError`` for a tensor that is missing, of another shape, or holds what is no
  ///   number.
  init(
    file: SafetensorsFile, description: HRNNDescription, settings: HRNNConfiguration
  ) throws(ModelError) {
    encoding = description.attributes
    network = SequenceNetwork(
      Self.dimensions(items: description.items, encoding: encoding, settings: settings))
    self.settings = settings
    try network.parameters.read(network.layout.slots, from: file)
    transitions = TransitionBox(
      try TransitionMixture(file: file, itemCount: description.items))
  }

  /// Adds the tensors to a file.
  func write(into writer: inout SafetensorsWriter) {
    network.parameters.write(network.layout.storedSlots, into: &writer)
    transitions.mixture.write(into: &writer)
  }

  /// What reads the attributes of a dataset's customers.
  func encoder(_ attributes: AttributeTable) -> AttributeEncoder {
    AttributeEncoder(encoding, table: attributes)
  }

  func walk(_ dataset: Dataset) -> EventWalk { Self.walk(dataset, settings) }

  static func walk(_ dataset: Dataset, _ settings: HRNNConfiguration) -> EventWalk {
    EventWalk(
      eventLimit: settings.eventLimit, sessionGapSeconds: Int64(settings.sessionGapSeconds),
      itemCount: dataset.items.count, positive: dataset.interactions.positiveEventTypes,
      endsSessions: settings.levels > 1)
  }
}

/// A mixture that training fills in, as it does the network's parameters; not changed afterwards.
final class TransitionBox: @unchecked Sendable {
  var mixture: TransitionMixture

  init(_ mixture: TransitionMixture) { self.mixture = mixture }
}
