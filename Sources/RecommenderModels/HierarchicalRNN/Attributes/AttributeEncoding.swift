internal import InteractionData

/// How attributes of customers or items become numbers: fitted on one dataset, applied by name to
/// any other.
///
/// A number becomes its standard score and that score's square, a mark where it is missing, the
/// standard score of its logarithm where it is heavily skewed, and one of up to eight quantile
/// bands. A category becomes one of its frequent values, or the place of all others and of what is
/// not known. Where a text may be `n` categories at once, each of their places gets 1/√n.
struct AttributeEncoding: Codable, Equatable, Sendable {
  /// How one numeric column is read.
  struct Numeric: Codable, Equatable, Sendable {
    var name: String
    var mean: Float
    var scale: Float
    /// Mean and scale of sign(x)·ln(1 + |x|); nil when the column is not skewed.
    var logarithm: Moments?
    /// The upper ends of all bands but the last, ascending; empty when there are no bands.
    var bandEdges: [Float]

    var width: Int {
      3 + (logarithm == nil ? 0 : 1) + (bandEdges.isEmpty ? 0 : bandEdges.count + 1)
    }
  }

  /// A mean and a standard deviation.
  struct Moments: Codable, Equatable, Sendable {
    var mean: Float
    var scale: Float
  }

  /// How one categorical column is read.
  struct Categorical: Codable, Equatable, Sendable {
    var name: String
    /// The categories that have a place of their own, in the order of their places.
    var categories: [String]
    /// Whether a text is several categories with `|` between them; nil for no.
    var isSplit: Bool?

    var width: Int { categories.count + 1 }
  }

  var numeric: [Numeric] = []
  var categorical: [Categorical] = []

  /// The numbers a customer or an item is encoded by.
  var width: Int {
    numeric.reduce(0) { $0 + $1.width } + categorical.reduce(0) { $0 + $1.width }
  }

  /// The most columns of attributes that are used; further ones are left out.
  static let columnLimit = 128
  /// The most categories of a column of customers that have a place of their own.
  static let categoryLimit = 64
  /// The same for a column of items, each of which has many events.
  static let itemCategoryLimit = 1024
  /// The most bands of a numeric column.
  static let bandLimit = 8
  /// The most values looked at to fit a numeric column.
  static let sampleLimit = 65_536
  /// A column this skewed gets its logarithm too.
  static let skewnessLimit = 2.0

  /// Whether every number can be computed with.
  var isValid: Bool {
    numeric.allSatisfy { column in
      column.mean.isFinite && column.scale.isFinite && column.scale > 0
        && (column.logarithm.map { $0.mean.isFinite && $0.scale.isFinite && $0.scale > 0 } ?? true)
        && column.bandEdges.allSatisfy(\.isFinite)
        && zip(column.bandEdges, column.bandEdges.dropFirst()).allSatisfy { $0 < $1 }
    }
  }

  /// sign(x)·ln(1 + |x|): a logarithm that takes every number.
  static func signedLogarithm(_ value: Float) -> Float {
    let size = logarithm1p(abs(value))
    return value < 0 ? -size : size
  }
}
