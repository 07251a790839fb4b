internal import Foundation
internal import TensorFiles

/// What a model file holds beside tensors and settings.
struct HRNNDescription: Codable, Equatable, Sendable {
  /// What the network reads.
  enum Form: String, Codable, Sendable {
    /// Months of a panel.
    case panel
    /// Events grouped by pauses.
    case sequence
  }

  var form: Form
  /// The number of items.
  var items: Int
  /// How customers' attributes are encoded; empty when none are read.
  var attributes = AttributeEncoding()

  /// The key of the file's metadata it stands under, as JSON.
  static let metadataKey = "hrnn"

  /// The description as one line of JSON, the same bytes for the same content.
  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let data = try? encoder.encode(self) else { return "" }
    return String(decoding: data, as: UTF8.self)
  }

  /// Reads the description in a file's metadata.
  ///
  /// - Throws: ``ModelError/unreadableManifest(path:reason:)``.
  init(_ file: SafetensorsFile) throws(ModelError) {
    guard let text = file.metadata[Self.metadataKey] else {
      throw .unreadableManifest(path: Self.metadataKey, reason: "the model file lacks this entry")
    }
    guard let value = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)),
      value.attributes.isValid,
      (1...(value.form == .panel ? PanelLayout.itemLimit : SequenceModel.itemLimit))
        .contains(value.items)
    else {
      throw .unreadableManifest(
        path: Self.metadataKey, reason: "the model file's description is damaged")
    }
    self = value
  }

  init(form: Form, items: Int, attributes: AttributeEncoding = AttributeEncoding()) {
    self.form = form
    self.items = items
    self.attributes = attributes
  }
}
