internal import Foundation
internal import InteractionData

/// A row that was left out.
struct Rejection: Sendable {
  /// The line's place in its block, counted from 0.
  let line: Int
  let column: String
  let reason: String
}

/// What a worker has read of one block.
struct BlockRecord {
  let file: Int
  let index: Int
  let firstRow: Int
  var rowCount = 0
  var lineCount = 0
  var rejectedCount = 0
  /// The block's first rejections, at most ``ImportReport/reasonLimit``.
  var rejections: [Rejection] = []
}

/// Parses blocks of panel rows; each thread has one, and nothing is shared until all are done.
final class SantanderWorker: @unchecked Sendable {
  let records = CustomerRecords()
  let rows = RowStore()
  /// A dictionary for each text attribute.
  let dictionaries: UnsafeMutablePointer<CategoryDictionary>
  private let scratch = SantanderRowScratch()
  private(set) var blocks: [BlockRecord] = []
  private(set) var ignoredRows = 0
  private let layouts: [SantanderLayout]
  /// The last month that counts, on the scale of ``PackedRow``.
  private let lastMonth: Int

  init(layouts: [SantanderLayout], until: Month?, categoryLimit: Int) {
    self.layouts = layouts
    lastMonth = until.map { $0.number - PackedRow.firstMonthNumber } ?? PackedRow.monthLimit
    let columns = SantanderColumns.categorical
    dictionaries = .allocate(capacity: columns.count)
    for (index, column) in columns.enumerated() {
      (dictionaries + index).initialize(
        to: CategoryDictionary(isNumberCode: column.isNumberCode, limit: categoryLimit))
    }
  }

  deinit {
    for index in SantanderColumns.categorical.indices { dictionaries[index].deallocate() }
    dictionaries.deinitialize(count: SantanderColumns.categorical.count)
    dictionaries.deallocate()
  }

  /// Parses the lines of a block.
  func parse(_ block: ByteBlock) {
    let layout = layouts[block.file]
    var record = BlockRecord(file: block.file, index: block.index, firstRow: rows.count)
    layout.actions.withUnsafeBufferPointer { actions in
      var line = UnsafePointer(block.base) + block.start
      let end = UnsafePointer(block.base) + block.end
      var parser = SantanderRowParser(
        actions: actions, productTail: layout.productTail, dictionaries: dictionaries,
        scratch: scratch)
      while line < end {
        let newline = memchr(line, 0x0A, end - line).map {
          UnsafePointer($0.assumingMemoryBound(to: UInt8.self))
        }
        var lineEnd = newline ?? end
        if lineEnd > line && lineEnd[-1] == 0x0D { lineEnd -= 1 }
        if lineEnd > line {
          if parser.parse(line, lineEnd) {
            commit(&parser, line: record.lineCount)
          } else {
            reject(&parser, line, lineEnd, layout, &record)
          }
        }
        record.lineCount += 1
        line = (newline ?? (end - 1)) + 1
      }
    }
    record.rowCount = rows.count - record.firstRow
    blocks.append(record)
  }

  /// Stores a row that was read without fault.
  @inline(__always)
  private func commit(_ parser: inout SantanderRowParser, line: Int) {
    guard parser.month <= lastMonth else {
      ignoredRows += 1
      return
    }
    let index = records.index(of: parser.customer)
    rows.append(
      PackedRow(
        held: parser.held, customer: index, month: parser.month, line: line,
        isActive: parser.isActive))
    let record = records[index]
    record.pointee.rowCount += 1
    update(record, parser)
  }

  /// Takes over each known value that is as new as what is known, or newer.
  @inline(__always)
  private func update(
    _ record: UnsafeMutablePointer<CustomerRecord>, _ parser: SantanderRowParser
  ) {
    // Months count from 1 here: 0 says that nothing is known yet.
    let month = UInt16(parser.month + 1)
    // Plain loops over the lanes' memory: the compiler makes vector code of these, and calls for
    // each lane of a masked replacement.
    let lanes = UnsafeMutableRawPointer(record).assumingMemoryBound(to: UInt16.self)
    let months = lanes + CustomerRecord.categoricalCapacity
    var ties: UInt16 = 0
    for index in 0..<CustomerRecord.categoricalCapacity {
      let code = parser.codeValues[index]
      let knownCode = lanes[index]
      let knownMonth = months[index]
      let isKnown = code != AttributeColumn.missingCode
      let isNewer = isKnown && month > knownMonth
      ties |= isKnown && month == knownMonth && code != knownCode ? 1 : 0
      lanes[index] = isNewer ? code : knownCode
      months[index] = isNewer ? month : knownMonth
    }
    for index in 0..<CustomerRecord.numericCapacity {
      let number = parser.number(at: index)
      let knownMonth = record.pointee.numberMonths[index]
      // Comparisons with NaN are false: an unknown number never counts.
      let isNewer = month > knownMonth && number == number
      let settlesTie = month == knownMonth && number < record.pointee.numbers[index]
      if isNewer || settlesTie {
        record.pointee.numbers[index] = number
        record.pointee.numberMonths[index] = month
      }
    }
    if ties != 0 { settleTies(record, month, parser) }
  }

  /// Two rows of one month disagree: the smaller text counts, whichever row comes first.
  @inline(never)
  private func settleTies(
    _ record: UnsafeMutablePointer<CustomerRecord>, _ month: UInt16, _ parser: SantanderRowParser
  ) {
    for index in SantanderColumns.categorical.indices {
      let code = parser.codeValues[index]
      guard code != AttributeColumn.missingCode, record.pointee.codeMonths[index] == month else {
        continue
      }
      let texts = dictionaries[index].texts
      let known = texts[Int(record.pointee.codes[index])]
      if texts[Int(code)].lexicographicallyPrecedes(known) { record.pointee.codes[index] = code }
    }
  }

  @inline(never)
  private func reject(
    _ parser: inout SantanderRowParser, _ line: FieldText.Pointer, _ end: FieldText.Pointer,
    _ layout: SantanderLayout, _ record: inout BlockRecord
  ) {
    if let month = parser.monthOfFaultyRow(line, end), month > lastMonth {
      ignoredRows += 1
      return
    }
    record.rejectedCount += 1
    guard record.rejections.count < ImportReport.reasonLimit else { return }
    let fault = parser.fault
    let column =
      fault.column < layout.columnNames.count && !fault.kind.concernsRow
      ? layout.columnNames[fault.column] : "column \(fault.column + 1)"
    record.rejections.append(
      Rejection(
        line: record.lineCount, column: column,
        reason: fault.kind.reason(
          text: fault.text, expectedColumns: layout.columnNames.count)))
  }
}
