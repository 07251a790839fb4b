internal import Foundation
internal import InteractionData
internal import LinearAlgebra
internal import TensorFiles

/// A panel network with the encoding of the attributes it was trained on.
struct PanelModel: Sendable {
  let network: PanelNetwork
  let encoding: AttributeEncoding

  /// Customers in one pass of the network; training and scoring use the same.
  static let shardRows = 64

  static func dimensions(
    items: Int, encoding: AttributeEncoding, settings: HRNNConfiguration
  ) -> PanelDimensions {
    let hasSessions = settings.levels == 2
    return PanelDimensions(
      items: items, attributeFeatures: encoding.width,
      attributeUnits: settings.attributeDimension,
      embedding: hasSessions ? settings.embeddingDimension : 0,
      sessionUnits: hasSessions ? settings.sessionHiddenDimension : 0,
      userUnits: settings.hiddenDimension,
      propagatesUserState: hasSessions && settings.userPropagation == .all)
  }

  init(network: PanelNetwork, encoding: AttributeEncoding) {
    self.network = network
    self.encoding = encoding
  }

  /// Reads the tensors of a file.
  ///
  /// - Throws: ``ModelError/file(_:)`` for a tensor that is missing, of another shape, or holds
  ///   what is no number.
  init(
    file: SafetensorsFile, description: HRNNDescription, settings: HRNNConfiguration
  ) throws(ModelError) {
    encoding = description.attributes
    network = PanelNetwork(
      Self.dimensions(items: description.items, encoding: encoding, settings: settings))
    try network.parameters.read(network.layout.slots, from: file)
    network.prepare()
  }

  func makeWorkspace(stepLimit: Int, training: Bool) -> PanelWorkspace {
    PanelWorkspace(
      network.dimensions, rowLimit: Self.shardRows, stepLimit: stepLimit, training: training)
  }
}

extension FloatBuffer {
  /// Reads tensors from a file into their places.
  func read(_ slots: [TensorSlot], from file: SafetensorsFile) throws(ModelError) {
    for slot in slots {
      let column: Column<Float>
      do throws(TensorFileError) {
        column = try file.column(slot.name, as: Float.self, shape: slot.shape)
      } catch {
        throw .file(error)
      }
      guard column.buffer.allSatisfy(\.isFinite) else {
        throw .unreadableManifest(
          path: slot.name, reason: "the tensor holds what is no finite number")
      }
      if let source = column.buffer.baseAddress {
        pointer(slot).update(from: source, count: slot.count)
      }
    }
  }

  /// Adds tensors to a file.
  func write(_ slots: [TensorSlot], into writer: inout SafetensorsWriter) {
    for slot in slots {
      let source = pointer(slot)
      writer.add(
        slot.name,
        Column(count: slot.count) { destination in
          destination.baseAddress?.update(from: source, count: slot.count)
        }, shape: slot.shape)
    }
  }
}

extension TensorSlot {
  /// The shape in a file: a bias is a vector.
  var shape: [Int] { rows == 1 && !decays ? [columns] : [rows, columns] }
}
