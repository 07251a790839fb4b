internal import Foundation
internal import TensorFiles

/// A valid tensor file taken apart: edited as a fuzzer says, it is put together again with checksums
/// that are right, so that the readers behind them are reached.
struct TensorFileParts {
  struct Tensor {
    var name: String
    var typeName: String
    var shape: [Int]
    var bytes: [UInt8]

    var elementByteCount: Int { Self.elementByteCounts[typeName] ?? 1 }

    private static let elementByteCounts = [
      "F32": 4, "I64": 8, "U64": 8, "U32": 4, "U16": 2, "U8": 1,
    ]
  }

  var tensors: [Tensor] = []
  /// The texts that stand with them, checksums left out.
  var metadata: [String: String] = [:]
  /// Settings that stand beside the file, not in it; an object.
  var settings: Any = [String: Any]()

  /// Takes a file apart.
  init(path: String) {
    guard let file = try? SafetensorsFile(path: path),
      let mapped = try? MappedFile(path: path)
    else {
      preconditionFailure("a file that was just written")
    }
    tensors = file.tensors.sorted { $0.key < $1.key }.map { name, tensor in
      Tensor(
        name: name, typeName: tensor.typeName, shape: tensor.shape,
        bytes: Array(mapped.bytes[tensor.range]))
    }
    metadata = file.metadata.filter { !$0.key.hasPrefix("crc32") }
  }

  /// The file's bytes, and the checksum of its header.
  func assembled() -> (bytes: [UInt8], checksum: String) {
    var header: [String: Any] = [:]
    var metadata = metadata
    var data: [UInt8] = []
    for tensor in tensors {
      header[tensor.name] = [
        "dtype": tensor.typeName, "shape": tensor.shape,
        "data_offsets": [data.count, data.count + tensor.bytes.count],
      ]
      metadata["crc32.\(tensor.name)"] = tensor.bytes.withUnsafeBytes {
        Checksum.text(Checksum.crc32($0))
      }
      data += tensor.bytes
    }
    header["__metadata__"] = metadata
    guard var json = try? JSONSerialization.data(withJSONObject: header) else {
      preconditionFailure("the header is no JSON")
    }
    json.append(contentsOf: [UInt8](repeating: 0x20, count: (64 - (8 + json.count) % 64) % 64))
    var bytes = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) }
    bytes += json
    let checksum = bytes.withUnsafeBytes { Checksum.text(Checksum.crc32($0)) }
    return (bytes + data, checksum)
  }
}
