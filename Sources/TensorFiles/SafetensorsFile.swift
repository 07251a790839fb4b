internal import Foundation

/// A file in the safetensors layout, memory-mapped; tensors are read in place.
public struct SafetensorsFile: Sendable {
  /// Where a tensor lies in the file and what it holds.
  public struct Tensor: Sendable, Equatable {
    /// The layout's name of the element type, such as `F32`.
    public let typeName: String
    /// The dimensions, row-major.
    public let shape: [Int]
    /// Its bytes, counted from the start of the file.
    public let range: Range<Int>
  }

  /// The longest header accepted, in bytes; the format's own reader has the same limit.
  public static let headerByteLimit = 100_000_000

  /// The tensors by name.
  public let tensors: [String: Tensor]
  /// The text stored with them.
  public let metadata: [String: String]
  /// The CRC-32 of the length and header, which itself holds every tensor's checksum.
  public let headerChecksum: UInt32
  private let file: MappedFile

  /// Maps a file and reads its header; the tensors are not touched.
  ///
  /// - Parameter path: the file to open.
  /// - Throws: ``TensorFileError/unreadable(path:reason:)``,
  ///   ``TensorFileError/malformed(path:reason:)``.
  public init(path: String) throws(TensorFileError) {
    let file = try MappedFile(path: path)
    guard file.bytes.count >= 8 else {
      throw .malformed(path: path, reason: "it is \(file.bytes.count) bytes long")
    }
    let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(Self.headerByteLimit), Int(length) <= file.bytes.count - 8 else {
      throw .malformed(path: path, reason: "its header is cut short or is no header")
    }
    let dataStart = 8 + Int(length)
    let json = Data(file.bytes[8..<dataStart])
    guard let header = try? JSONSerialization.jsonObject(with: json) as? [String: Any] else {
      throw .malformed(path: path, reason: "its header is no JSON object")
    }
    var tensors: [String: Tensor] = [:]
    for (name, value) in header where name != "__metadata__" {
      guard let tensor = Self.tensor(value, dataStart: dataStart, fileSize: file.bytes.count)
      else {
        throw .malformed(
          path: path, reason: "tensor \"\(name)\" reaches past the end, or is ill-described")
      }
      tensors[name] = tensor
    }
    self.tensors = tensors
    metadata = header["__metadata__"] as? [String: String] ?? [:]
    headerChecksum = Checksum.crc32(UnsafeRawBufferPointer(rebasing: file.bytes[0..<dataStart]))
    self.file = file
  }

  /// The tensors and metadata whose names begin with a prefix, without it.
  public func scoped(to prefix: String) -> SafetensorsFile {
    func stripped<Value>(_ named: [String: Value]) -> [String: Value] {
      Dictionary(
        uniqueKeysWithValues: named.compactMap { name, value in
          name.hasPrefix(prefix) ? (String(name.dropFirst(prefix.count)), value) : nil
        })
    }
    return SafetensorsFile(
      tensors: stripped(tensors), metadata: stripped(metadata), headerChecksum: headerChecksum,
      file: file)
  }

  private init(
    tensors: [String: Tensor], metadata: [String: String], headerChecksum: UInt32,
    file: MappedFile
  ) {
    self.tensors = tensors
    self.metadata = metadata
    self.headerChecksum = headerChecksum
    self.file = file
  }

  private static func tensor(_ value: Any, dataStart: Int, fileSize: Int) -> Tensor? {
    guard let fields = value as? [String: Any], let typeName = fields["dtype"] as? String,
      let shape = fields["shape"] as? [Int], let offsets = fields["data_offsets"] as? [Int],
      offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1],
      offsets[1] <= fileSize - dataStart, shape.allSatisfy({ $0 >= 0 })
    else { return nil }
    return Tensor(
      typeName: typeName, shape: shape, range: dataStart + offsets[0]..<dataStart + offsets[1])
  }

  /// The elements of a tensor, in the mapped file where it is aligned.
  ///
  /// - Parameters:
  ///   - name: the tensor.
  ///   - type: the element type it must have.
  ///   - shape: the dimensions it must have; unchecked when nil.
  /// - Returns: the elements, row-major.
  /// - Throws: ``TensorFileError/missingTensor(path:name:)``,
  ///   ``TensorFileError/unexpectedTensor(path:name:found:expected:)``.
  public func column<Element: TensorElement>(
    _ name: String, as type: Element.Type, shape: [Int]? = nil
  ) throws(TensorFileError) -> Column<Element> {
    guard let tensor = tensors[name] else { throw .missingTensor(path: file.path, name: name) }
    let expected = shape ?? tensor.shape
    var elementCount = 1
    for dimension in tensor.shape {
      let (product, overflow) = elementCount.multipliedReportingOverflow(by: dimension)
      elementCount = overflow ? -1 : product
      if overflow { break }
    }
    guard tensor.typeName == Element.tensorTypeName, tensor.shape == expected,
      elementCount >= 0,
      elementCount.multipliedReportingOverflow(by: MemoryLayout<Element>.size)
        == (tensor.range.count, false)
    else {
      throw .unexpectedTensor(
        path: file.path, name: name, found: "\(tensor.typeName)\(tensor.shape)",
        expected: "\(Element.tensorTypeName)\(expected)")
    }
    let raw = UnsafeRawBufferPointer(rebasing: file.bytes[tensor.range])
    let aligned = Int(bitPattern: raw.baseAddress) % MemoryLayout<Element>.alignment == 0
    if aligned || elementCount == 0 {
      return Column(buffer: raw.bindMemory(to: Element.self), owner: file)
    }
    // Files of other writers may be unaligned: those are copied.
    return Column(count: elementCount) { destination in
      UnsafeMutableRawBufferPointer(destination).copyMemory(from: raw)
    }
  }

  /// Compares every tensor with the checksum stored for it; a tensor without one passes.
  ///
  /// - Throws: ``TensorFileError/checksumMismatch(path:name:)``.
  public func verifyChecksums() throws(TensorFileError) {
    for (name, tensor) in tensors.sorted(by: {
      $0.value.range.lowerBound < $1.value.range.lowerBound
    }) {
      guard let expected = metadata["crc32.\(name)"] else { continue }
      let found = Checksum.crc32(UnsafeRawBufferPointer(rebasing: file.bytes[tensor.range]))
      guard Checksum.text(found) == expected else {
        throw .checksumMismatch(path: file.path, name: name)
      }
    }
  }
}
