public import TensorFiles

/// One attribute of customers or items, a value a row.
public struct AttributeColumn: Sendable {
  /// The values of an attribute.
  public enum Values: Sendable {
    /// A code a row, and the text of each code; `missingCode` where nothing is known.
    case categorical(codes: Column<UInt16>, categories: [String])
    /// A number a row, NaN where nothing is known.
    case numeric(Column<Float>)
  }

  /// The code of a categorical value that is not known.
  public static let missingCode = UInt16.max
  /// The most categories a column may have.
  public static let categoryLimit = Int(UInt16.max) - 1

  /// The attribute's name, as in the source file.
  public let name: String
  /// The values.
  public let values: Values

  /// Makes a column.
  public init(name: String, values: Values) {
    self.name = name
    self.values = values
  }
}

/// Attributes of customers or items: columns of equal length.
public struct AttributeTable: Sendable {
  /// The columns, in the order of the source file.
  public let columns: [AttributeColumn]

  /// Makes a table.
  public init(columns: [AttributeColumn] = []) { self.columns = columns }

  /// The column of a name; nil when there is none.
  public func column(_ name: String) -> AttributeColumn? { columns.first { $0.name == name } }
}
