internal import InteractionData

/// Reads a users or items file: one identifier column, any further columns.
enum MetadataReader {
  static func read(
    path: String, identifierColumn: String, identifiers: inout TextInterner,
    log: inout RejectionLog, blockSize: Int, progress: (RecordReader) -> Void
  ) throws(ImportError) -> MetadataTable {
    let reader = try RecordReader(path: path, blockSize: blockSize)
    guard
      let key = reader.names.firstIndex(where: { $0.uppercased() == identifierColumn })
    else { throw .missingColumn(file: path, column: identifierColumn) }
    // A column without a name, as an index that was written along, says nothing.
    let others = reader.names.indices.filter { $0 != key && !reader.names[$0].isEmpty }
    var table = MetadataTable(names: others.map { reader.names[$0] })
    var isKnown: [Bool] = []
    while try reader.next() {
      progress(reader)
      if log.rejectsForm(of: reader) { continue }
      if log.rejectsIdentifier(reader[key], reader, column: identifierColumn) { continue }
      let identifier = identifiers.index(of: reader[key])
      while isKnown.count <= identifier { isKnown.append(false) }
      if isKnown[identifier] {
        log.add(reader, column: identifierColumn, reason: "an earlier row has this identifier")
        continue
      }
      isKnown[identifier] = true
      table.add(identifier: identifier, fields: others.map { reader[$0] })
    }
    return table
  }
}
