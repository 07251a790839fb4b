internal import FuzzSupport

extension TensorFileParts {
  /// The most changes of one input.
  private static let editLimit = 16
  /// The most elements of a tensor after a change.
  private static let elementLimit = 4096

  /// Changes the parts as the bytes say, one change after another.
  mutating func edit(_ cursor: inout ByteCursor) {
    for _ in 0..<Self.editLimit where !cursor.isAtEnd {
      switch cursor.index(below: 8) {
      case 0, 1, 2: setElement(&cursor)
      case 3: resize(&cursor)
      case 4: editMetadata(&cursor)
      case 5: JSONEdit.apply(to: &settings, &cursor)
      case 6: reshape(&cursor)
      default: rename(&cursor)
      }
    }
  }

  private func place(_ cursor: inout ByteCursor) -> Int? {
    tensors.isEmpty ? nil : cursor.index(below: min(tensors.count, 256))
  }

  private static let bits: [UInt64] = [
    0, 1, 2, .max, 1 << 63, 1 << 31, 0x7F80_0000, 0x7FC0_0000, 0x7F7F_FFFF, 0x3F80_0000,
    UInt64(Int64.max), 255,
  ]

  private mutating func setElement(_ cursor: inout ByteCursor) {
    guard let place = place(&cursor) else { return }
    let size = tensors[place].elementByteCount
    let count = tensors[place].bytes.count / size
    let index = Int(cursor.next(UInt16.self))
    let known = cursor.index(below: Self.bits.count + 4)
    let value = known < Self.bits.count ? Self.bits[known] : cursor.next(UInt64.self)
    guard count > 0 else { return }
    for byte in 0..<size {
      tensors[place].bytes[index % count * size + byte] =
        UInt8(truncatingIfNeeded: value >> UInt64(8 * byte))
    }
  }

  /// Gives a vector another length, filled with its last element; of a matrix another row.
  private mutating func resize(_ cursor: inout ByteCursor) {
    guard let place = place(&cursor) else { return }
    let difference = Int(cursor.next(Int8.self))
    let row = tensors[place].shape.dropFirst().reduce(tensors[place].elementByteCount, *)
    guard let rows = tensors[place].shape.first, row > 0, rows + difference >= 0,
      (rows + difference) * row <= Self.elementLimit * 8
    else { return }
    tensors[place].shape[0] = rows + difference
    let byteCount = (rows + difference) * row
    let last = Array(tensors[place].bytes.suffix(row))
    var bytes = Array(tensors[place].bytes.prefix(byteCount))
    while bytes.count < byteCount { bytes += last.isEmpty ? [0] : last }
    tensors[place].bytes = Array(bytes.prefix(byteCount))
  }

  private static let typeNames = ["F32", "I64", "U64", "U32", "U16", "U8"]

  private mutating func reshape(_ cursor: inout ByteCursor) {
    guard let place = place(&cursor) else { return }
    switch cursor.index(below: 4) {
    case 0: tensors[place].shape.reverse()
    case 1: tensors[place].shape = [tensors[place].shape.reduce(1, *)]
    case 2: tensors[place].typeName = Self.typeNames[cursor.index(below: Self.typeNames.count)]
    default: tensors[place].shape.append(1)
    }
  }

  private mutating func rename(_ cursor: inout ByteCursor) {
    guard let place = place(&cursor) else { return }
    if cursor.index(below: 2) == 0 {
      tensors.remove(at: place)
    } else if let other = self.place(&cursor), other != place {
      let name = tensors[place].name
      tensors[place].name = tensors[other].name
      tensors[other].name = name
    }
  }

  private mutating func editMetadata(_ cursor: inout ByteCursor) {
    let keys = metadata.keys.sorted()
    guard !keys.isEmpty else { return }
    let key = keys[cursor.index(below: min(keys.count, 256))]
    guard var text = metadata[key] else { return }
    if text.first == "{" {
      JSONEdit.apply(to: &text, &cursor)
      metadata[key] = text
    } else {
      metadata[key] = ["", "0", "1", "2", "17", "-1", "x"][cursor.index(below: 7)]
    }
  }
}
