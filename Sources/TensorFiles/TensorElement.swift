/// A number type that the safetensors layout can hold.
public protocol TensorElement: BitwiseCopyable, Sendable {
  /// The layout's name of the type, such as `F32`.
  static var tensorTypeName: String { get }
}

extension UInt8: TensorElement {
  /// `U8`.
  public static var tensorTypeName: String { "U8" }
}
extension UInt16: TensorElement {
  /// `U16`.
  public static var tensorTypeName: String { "U16" }
}
extension UInt32: TensorElement {
  /// `U32`.
  public static var tensorTypeName: String { "U32" }
}
extension UInt64: TensorElement {
  /// `U64`.
  public static var tensorTypeName: String { "U64" }
}
extension Int64: TensorElement {
  /// `I64`.
  public static var tensorTypeName: String { "I64" }
}
extension Float: TensorElement {
  /// `F32`.
  public static var tensorTypeName: String { "F32" }
}
