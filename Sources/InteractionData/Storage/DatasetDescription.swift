/// The part of a dataset that is not numbers: counts, names and categories.
///
/// It stands as JSON in the tensor file's metadata, so that one checksum covers all.
struct DatasetDescription: Codable, Equatable {
  /// An attribute's name, and its categories when it is categorical.
  struct Attribute: Codable, Equatable {
    var name: String
    var categories: [String]?
  }

  /// The version of the format; readers refuse others.
  static let supportedFormat = 1

  var format = DatasetDescription.supportedFormat
  var customers: Int
  var items: Int
  var interactions: Int
  var eventTypes: [String]
  var firstMonth: String?
  var monthCount: Int?
  var customerAttributes: [Attribute]
  var itemAttributes: [Attribute]
}

/// The file that names the current tensors; replacing it replaces the dataset.
struct DatasetPointer: Codable, Equatable {
  var format: Int
  var tensors: String
  var checksum: String
  var description: DatasetDescription
}
