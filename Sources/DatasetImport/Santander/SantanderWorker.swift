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
  let dictionaries: [CategoryDictionary]
  private(set) var blocks: [BlockRecord] = []
  private(set) var ignoredRows = 0
  private let layouts: [SantanderLayout]
  /// The last month that counts, on the scale of ``PackedRow``.
  private let lastMonth: Int

  init(layouts: [SantanderLayout], until: Month?, categoryLimit: Int) {
    self.layouts = layouts
    lastMonth = until.map { $0.number - PackedRow.firstMonthNumber } ?? PackedRow.monthLimit
    dictionaries = SantanderColumns.categorical.map {
      CategoryDictionary(isNumberCode: $0.isNumberCode, limit: categoryLimit)
    }
  }

  /// Parses the lines of a block.
  func parse(_ block: ByteBlock) {
    let layout = layouts[block.file]
    var record = BlockRecord(file: block.file, index: block.index, firstRow: rows.count)
    layout.actions.withUnsafeBufferPointer { actions in
      var line = UnsafePointer(block.base) + block.start
      let end = UnsafePointer(block.base) + block.end
      var parser = SantanderRowParser(
        actions: actions, productTail: layout.productTail, dictionaries: dictionaries)
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
    let months = SIMD16<UInt16>(repeating: month)
    let known = parser.codes .!= SIMD16(repeating: AttributeColumn.missingCode)
    let newer = known .& (months .> record.pointee.codeMonths)
    let tied =
      known .& (months .== record.pointee.codeMonths) .& (parser.codes .!= record.pointee.codes)
    record.pointee.codes.replace(with: parser.codes, where: newer)
    record.pointee.codeMonths.replace(with: months, where: newer)
    for index in 0..<CustomerRecord.numericCapacity {
      let number = parser.numbers[index]
      let knownMonth = record.pointee.numberMonths[index]
      // Comparisons with NaN are false: an unknown number never counts.
      let isNewer = month > knownMonth && number == number
      let settlesTie = month == knownMonth && number < record.pointee.numbers[index]
      if isNewer || settlesTie {
        record.pointee.numbers[index] = number
        record.pointee.numberMonths[index] = month
      }
    }
    if any(tied) { settleTies(record, parser.codes, tied) }
  }

  /// Two rows of one month disagree: the smaller text counts, whichever row comes first.
  @inline(never)
  private func settleTies(
    _ record: UnsafeMutablePointer<CustomerRecord>, _ codes: SIMD16<UInt16>,
    _ tied: SIMDMask<SIMD16<Int16>>
  ) {
    for index in dictionaries.indices where tied[index] {
      let texts = dictionaries[index].texts
      let known = texts[Int(record.pointee.codes[index])]
      if texts[Int(codes[index])].lexicographicallyPrecedes(known) {
        record.pointee.codes[index] = codes[index]
      }
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
