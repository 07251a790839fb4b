internal import Foundation

/// Collects tensors and writes them as one file in the safetensors layout.
///
/// The layout (https://huggingface.co/docs/safetensors): a little-endian 64-bit header length, a
/// JSON header that names each tensor's type, shape and byte range, then the tensors without gaps.
/// Tensors of wide elements come first, so that every tensor starts at a multiple of its element
/// size and can be read where it is mapped. The header's `__metadata__` records each tensor's
/// CRC-32 under `crc32.NAME`.
public struct SafetensorsWriter {
  private struct Entry {
    let name: String
    let typeName: String
    let shape: [Int]
    let elementSize: Int
    let bytes: UnsafeRawBufferPointer
    let owner: AnyObject?
  }

  private var entries: [Entry] = []
  /// Text stored with the tensors, such as a format version.
  public var metadata: [String: String]

  /// Makes an empty collection.
  public init(metadata: [String: String] = [:]) {
    self.metadata = metadata
  }

  /// Adds a tensor; the column's memory is read when the file is written.
  ///
  /// - Parameters:
  ///   - name: the tensor's name, unique in the file.
  ///   - column: its elements, row-major.
  ///   - shape: its dimensions; their product must be the number of elements. Without it the
  ///     tensor is one-dimensional.
  public mutating func add<Element: TensorElement>(
    _ name: String, _ column: Column<Element>, shape: [Int]? = nil
  ) {
    let shape = shape ?? [column.count]
    precondition(
      shape.reduce(1, *) == column.count, "\(name): shape \(shape) of \(column.count) elements")
    precondition(!entries.contains { $0.name == name }, "tensor \(name) was added twice")
    entries.append(
      Entry(
        name: name, typeName: Element.tensorTypeName, shape: shape,
        elementSize: MemoryLayout<Element>.size, bytes: column.bytes,
        owner: KeepAlive(column)))
  }

  /// Adds another collection's tensors and metadata, a prefix before their names.
  public mutating func add(contentsOf other: SafetensorsWriter, prefix: String) {
    for entry in other.entries {
      precondition(
        !entries.contains { $0.name == prefix + entry.name },
        "tensor \(prefix + entry.name) was added twice")
      entries.append(
        Entry(
          name: prefix + entry.name, typeName: entry.typeName, shape: entry.shape,
          elementSize: entry.elementSize, bytes: entry.bytes, owner: entry.owner))
    }
    for (name, value) in other.metadata { metadata[prefix + name] = value }
  }

  /// Writes the file; see ``AtomicFile`` for what a failure leaves behind.
  ///
  /// - Parameter path: the file to write.
  /// - Returns: one checksum over the whole file's tensors and header.
  /// - Throws: ``TensorFileError/unwritable(path:reason:)``.
  @discardableResult
  public func write(to path: String) throws(TensorFileError) -> UInt32 {
    let ordered = entries.enumerated().sorted {
      ($1.element.elementSize, $0.offset) < ($0.element.elementSize, $1.offset)
    }.map(\.element)
    var header: [String: Any] = [:]
    var metadata = metadata
    var offset = 0
    for entry in ordered {
      header[entry.name] = [
        "dtype": entry.typeName, "shape": entry.shape,
        "data_offsets": [offset, offset + entry.bytes.count],
      ]
      metadata["crc32.\(entry.name)"] = Checksum.text(Checksum.crc32(entry.bytes))
      offset += entry.bytes.count
    }
    header["__metadata__"] = metadata
    guard
      var json = try? JSONSerialization.data(
        withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes])
    else { throw .unwritable(path: path, reason: "its header is no JSON") }
    // The data begin at a multiple of 64, a cache line.
    let padding = (64 - (8 + json.count) % 64) % 64
    json.append(contentsOf: [UInt8](repeating: 0x20, count: padding))
    var length = UInt64(json.count).littleEndian
    var prefix = withUnsafeBytes(of: &length) { Array($0) }
    prefix.append(contentsOf: json)
    let head = Column(prefix)
    defer { withExtendedLifetime((head, entries)) {} }
    try AtomicFile.write(path: path, parts: [head.bytes] + ordered.map(\.bytes))
    return Checksum.crc32(head.bytes)
  }
}

/// Holds a column while its bytes wait to be written.
private final class KeepAlive<Element: TensorElement> {
  let column: Column<Element>
  init(_ column: Column<Element>) { self.column = column }
}
