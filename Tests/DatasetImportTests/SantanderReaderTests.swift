internal import Foundation
internal import InteractionData
internal import TensorFiles
internal import Testing

@testable internal import DatasetImport

/// Reads a panel given as text.
private func read(
  _ text: String, name: String = "panel.csv",
  options: SantanderImportOptions = SantanderImportOptions(threadCount: 1)
) throws -> ImportResult {
  let folder = try TemporaryFolder()
  return try SantanderPanelReader.read(paths: [folder.file(name, text)], options: options)
}

private let lenient = SantanderImportOptions(maximumRejectedShare: 1, threadCount: 2)

@Suite struct SantanderEventTests {
  /// Customer 7: b is taken in February and given up in March. Customer 8 misses February: what
  /// changes meanwhile is dated March and counted apart too. Customer 9 has one row.
  private static let text = """
    fecha_dato,ncodpers,ind_a_ult1,ind_b_ult1
    2015-01-28,7,1,0
    2015-02-28,7,1,1
    2015-03-28,7,1,0
    2015-01-28,8,1,0
    2015-03-28,8,0,1
    2015-04-28,8,1,1
    2015-02-28,9,1,1

    """

  @Test func eventsAreThoseCountedByHand() throws {
    let result = try read(Self.text)
    let january = Month(year: 2015, month: 1).secondsSince1970(day: 28)
    let february = Month(year: 2015, month: 2).secondsSince1970(day: 28)
    let march = Month(year: 2015, month: 3).secondsSince1970(day: 28)
    let april = Month(year: 2015, month: 4).secondsSince1970(day: 28)
    #expect(january == 1_422_403_200)
    #expect(
      DatasetText(result.dataset).events == [
        "7 \(january) opening ind_a_ult1", "7 \(february) acquired ind_b_ult1",
        "7 \(march) dropped ind_b_ult1", "8 \(january) opening ind_a_ult1",
        "8 \(march) dropped ind_a_ult1", "8 \(march) acquired ind_b_ult1",
        "8 \(april) acquired ind_a_ult1",
        "9 \(february) opening ind_a_ult1", "9 \(february) opening ind_b_ult1",
      ])
    var report = ImportReport()
    report.rows = 7
    report.totalRows = 7
    report.customers = 3
    report.months = 4
    report.items = 2
    report.interactions = 9
    report.acquisitions = 3
    report.drops = 2
    report.acquisitionsAcrossGaps = 1
    report.dropsAcrossGaps = 1
    #expect(result.report == report)
  }

  @Test func laterMonthsAreIgnored() throws {
    var options = SantanderImportOptions(threadCount: 1)
    options.until = Month(year: 2015, month: 2)
    // The faulty row is of a later month and no reason to complain either.
    let result = try read(Self.text + "2015-05-28,7,x,0\n", options: options)
    #expect(result.report.rows == 4)
    #expect(result.report.ignoredRows == 4)
    #expect(result.report.rejectedRows == 0)
    #expect(result.dataset.panel?.lastMonth == Month(year: 2015, month: 2))
    options.until = Month(year: 2014, month: 12)
    #expect(throws: ImportError.self) { try read(Self.text, options: options) }
  }

  @Test func customersAreOrderedByNumber() throws {
    let result = try read(
      "ncodpers,fecha_dato,ind_a_ult1\n 10,2015-01-28,1\n9,2015-01-28,0\n0000100,2015-01-28,1\n"
        + "70000000000,2015-01-28,1\n65545,2015-01-28,1")
    #expect(result.dataset.customers.all == ["9", "10", "100", "65545", "70000000000"])
  }
}

@Suite struct SantanderQuirkTests {
  @Test func everyQuirkOfTheRawRowsIsTaken() throws {
    let text =
      "\u{FEFF}\"fecha_dato\",\"ncodpers\",\"sexo\",\"age\",\"fecha_alta\",\"antiguedad\","
      + "\"indrel_1mes\",\"cod_prov\",\"nomprov\",\"ind_actividad_cliente\",\"renta\",\"segmento\","
      + "\"ind_nomina_ult1\",\"ind_cco_fin_ult1\"\r\n"
      + "2015-01-28,      1,H, 35,2015-01-12,      6,1.0,15,\"CORUÑA, A\", 1,87218.1,"
      + "02 - PARTICULARES, 0,1\r\n"
      + "2015-01-28,2,V,164,1995-01-16,-999999,1,28,\"MADRID\", 0,         NA,01 - TOP,,0\r\n"
      + "2015-01-28,3,, NA,,     NA,,NA,\"\",NA,,,0.0,1.0\r\n"
      + "2015-01-28,4,V,  2,2015-01-01,      0,P, 8,\"BARCELONA\",1.0,122179.11000000002,"
      + "03 - UNIVERSITARIO,NA, 1"
    let result = try read(text)
    let dataset = result.dataset
    #expect(result.report.rows == 4)
    #expect(dataset.texts("sexo") == ["H", "V", nil, "V"])
    #expect(dataset.texts("indrel_1mes") == ["1", "1", nil, "P"])
    #expect(dataset.texts("cod_prov") == ["15", "28", nil, "8"])
    #expect(
      dataset.texts("segmento") == [
        "02 - PARTICULARES", "01 - TOP", nil, "03 - UNIVERSITARIO",
      ])
    #expect(dataset.numbers("age") == [35, 164, nil, 2])
    #expect(dataset.numbers("antiguedad") == [6, nil, nil, 0])
    #expect(dataset.numbers("renta") == [87218.1, nil, nil, 122179.11])
    #expect(dataset.numbers("fecha_alta")[0] == Float(Month(year: 2015, month: 1).number))
    #expect(dataset.panel?.held.array == [2, 0, 2, 2])
    #expect(dataset.panel?.flags.array == [1, 0, 0, 1])
    #expect(dataset.items.names == ["Payroll", "Current account"])
    #expect(dataset.customerAttributes.column("nomprov") == nil)
  }

  @Test func theNewestKnownValueCounts() throws {
    let result = try read(
      """
      fecha_dato,ncodpers,age,segmento,ind_a_ult1
      2015-03-28,1,,,1
      2015-02-28,1,41,TOP,1
      2015-01-28,1,40,OLD,1
      """)
    #expect(result.dataset.numbers("age") == [41])
    #expect(result.dataset.texts("segmento") == ["TOP"])
    // A category of older rows alone is no category.
    guard
      case .categorical(_, let categories)? = result.dataset.customerAttributes.column("segmento")?
        .values
    else {
      Issue.record("segmento is not categorical")
      return
    }
    #expect(categories == ["TOP"])
  }

  @Test func tooManyCategoriesLeaveTheColumnOut() throws {
    var options = SantanderImportOptions(threadCount: 1)
    options.categoryLimit = 2
    let rows = ["aa", "bb"].enumerated().map { "2015-01-28,\($0),\($1),1\n" }.joined()
    let header = "fecha_dato,ncodpers,segmento,ind_a_ult1\n"
    let two = try read(header + rows, options: options)
    #expect(two.dataset.texts("segmento") == ["aa", "bb"])
    let three = try read(header + rows + "2015-01-28,2,cc,1\n", options: options)
    #expect(three.dataset.customerAttributes.column("segmento") == nil)
    #expect(three.report.warnings.count == 1)
  }
}

@Suite struct SantanderRejectionTests {
  @Test(arguments: [
    ("2015-01-28,2,0,0,0", "column 5: the row goes on, the header has 4 columns"),
    ("2015-01-28,2,0", "column 4: the row ends here, the header has 4 columns"),
    ("2015-13-28,2,0,0", "fecha_dato: \"2015-13-28\" is no date"),
    ("28/01/2015,2,0,0", "fecha_dato: \"28/01/2015\" is no date"),
    ("2015-01-28,x2,0,0", "ncodpers: \"x2\" is no customer number"),
    ("2015-01-28,,0,0", "ncodpers: \"\" is no customer number"),
    ("2015-01-28,1234567890123456789,0,0", "ncodpers: \"1234567890123456789\" is no customer"),
    ("2015-01-28,2,0,2", "ind_b_ult1: \"2\" is neither 0 nor 1 nor empty"),
    ("2015-01-28,2,0.5,0", "ind_a_ult1: \"0.5\" is neither"),
    ("2015-01-28,2,\"0,0", "ind_a_ult1: the quote is not closed"),
    ("2015-01-28,2,\"0\"x,0", "ind_a_ult1: text follows the closing quote"),
    ("2015-01-28,1,0,0", "ncodpers: duplicate of customer 1 in month 2015-01"),
  ])
  func aFaultyRowIsRejectedWithItsPlace(row: String, reason: String) throws {
    let folder = try TemporaryFolder()
    let text =
      "fecha_dato,ncodpers,ind_a_ult1,ind_b_ult1\n2015-01-28,1,1,0\n\n2015-02-28,1,0,1\n\(row)\n"
      + "2015-02-28,3,0,1\n"
    let path = try folder.file("p.csv", text)
    for blockSize in [1, 7, 1 << 20] {
      var options = lenient
      options.blockSize = blockSize
      let result = try SantanderPanelReader.read(paths: [path], options: options)
      #expect(result.report.rejectedRows == 1)
      #expect(result.report.rows == 3)
      #expect(result.report.totalRows == 4)
      #expect(result.report.rejectionReasons.count == 1)
      #expect(result.report.rejectionReasons.first?.hasPrefix("\(path):5: \(reason)") == true)
      #expect(result.dataset.customers.all == ["1", "3"])
    }
  }

  @Test func theShareOfRejectedRowsIsALimit() throws {
    let rows = (1...999).map { "2015-01-28,\($0),1\n" }.joined()
    let header = "fecha_dato,ncodpers,ind_a_ult1\n"
    let bad = "x,1,1\n"
    #expect(try read(header + rows + bad).report.rejectedRows == 1)
    #expect(throws: ImportError.self) { try read(header + rows + bad + bad) }
    do {
      _ = try read(header + bad + bad + "2015-01-28,1,1\n")
      Issue.record("two faulty rows of three were accepted")
    } catch let error as ImportError {
      guard case .tooManyRejected(let rejected, let total, _, let reasons) = error else {
        Issue.record("\(error)")
        return
      }
      #expect((rejected, total) == (2, 3))
      #expect(reasons.count == 2 && reasons[0].contains("panel.csv:2: fecha_dato: "))
    }
  }

  @Test func reasonsAreTheFirstInTheFiles() throws {
    let limit = ImportReport.reasonLimit
    for count in [limit, limit + 1] {
      var options = lenient
      options.blockSize = 16
      let text =
        "fecha_dato,ncodpers,ind_a_ult1\n2015-01-28,1,1\n"
        + String(repeating: "bad,1,1\n", count: count)
      let report = try read(text, options: options).report
      #expect(report.rejectedRows == count)
      #expect(
        report.rejectionReasons.map { $0.split(separator: ":")[1] }
          == (3..<(3 + limit)).map { "\($0)" })
    }
  }
}

@Suite struct SantanderFileTests {
  @Test func filesThatAreNoPanelsSayWhy() throws {
    let folder = try TemporaryFolder()
    func error(_ text: String) throws -> ImportError? {
      let path = try folder.file("p.csv", text)
      return #expect(throws: ImportError.self) { try SantanderPanelReader.read(paths: [path]) }
    }
    let path = "\(folder.path)/p.csv"
    #expect(try error("") == .emptyFile(file: path))
    #expect(
      try error("fecha_dato,ncodpers,ind_a_ult1\n") == .noRows(file: path, until: nil))
    #expect(try error("fecha_dato,ncodpers\n1,2\n") == .noProducts(file: path))
    #expect(
      try error("ncodpers,ind_a_ult1\n") == .missingColumn(file: path, column: "fecha_dato"))
    #expect(
      try error("fecha_dato,ncodpers,ncodpers,ind_a_ult1\n")
        == .repeatedColumn(file: path, column: "ncodpers"))
    #expect(throws: ImportError.self) {
      try SantanderPanelReader.read(paths: ["\(folder.path)/absent.csv"])
    }
    #expect(throws: ImportError.noInput) { try SantanderPanelReader.read(paths: []) }
    #expect(throws: ImportError.self) { try SantanderPanelReader.read(paths: [folder.path]) }
    #expect(throws: ImportError.self) {
      try read("", options: SantanderImportOptions(threadCount: 0))
    }
  }

  @Test func limitsHoldAtTheMostAndOneMore() throws {
    func header(_ products: Int) -> String {
      "fecha_dato,ncodpers," + (0..<products).map { "ind_\($0)_ult1" }.joined(separator: ",")
    }
    func row(_ products: Int) -> String {
      "\n2015-01-28,1," + [String](repeating: "1", count: products).joined(separator: ",")
    }
    let full = try read(header(64) + row(64))
    #expect(full.dataset.panel?.held.array == [.max])
    #expect(throws: ImportError.self) { try read(header(65) + row(65)) }
    let months = { (last: String) in
      "fecha_dato,ncodpers,ind_a_ult1\n2000-01-28,1,1\n\(last),1,1\n"
    }
    #expect(try read(months("2021-03-28")).report.months == 255)
    #expect(throws: ImportError.self) { try read(months("2021-04-28")) }
    let columns = { (count: Int) in
      "fecha_dato,ncodpers,ind_a_ult1" + (3..<count).map { ",c\($0)" }.joined()
    }
    let rest = String(repeating: ",", count: InputLimits.columns - 3)
    #expect(
      try read(columns(InputLimits.columns) + "\n2015-01-28,1,1" + rest).report.rows == 1)
    #expect(throws: ImportError.self) { try read(columns(InputLimits.columns + 1)) }
    #expect(throws: ImportError.self) {
      try read(header(1) + "\n2015" + String(repeating: "x", count: InputLimits.lineBytes * 4))
    }
  }

  @Test func aLineIsReadInOneBlockOrAcrossTheWholeFile() throws {
    let long = String(repeating: "x", count: 1 << 19)
    var options = SantanderImportOptions(threadCount: 2)
    options.blockSize = 64
    let result = try read(
      "fecha_dato,ncodpers,other,ind_a_ult1\n2015-01-28,1,\(long),1\n2015-01-28,2,,1\n",
      options: options)
    #expect(result.report.rows == 2)
  }

  @Test func severalFilesAreOnePanel() throws {
    let folder = try TemporaryFolder()
    let first = try folder.file(
      "1.csv", "fecha_dato,ncodpers,ind_a_ult1,ind_b_ult1\n2015-01-28,1,1,0\n")
    let second = try folder.file(
      "2.csv", "ind_b_ult1,ncodpers,fecha_dato,ind_a_ult1\n1,1,2015-02-28,1\nx,1,2015-03-28,1\n")
    let result = try SantanderPanelReader.read(paths: [first, second], options: lenient)
    #expect(result.report.acquisitions == 1)
    #expect(result.report.rejectionReasons.first?.hasPrefix("\(second):3: ind_b_ult1: ") == true)
    let other = try folder.file(
      "3.csv", "fecha_dato,ncodpers,ind_a_ult1\n2015-02-28,1,1\n")
    #expect(
      throws: ImportError.productMismatch(file: other, column: "ind_b_ult1", firstFile: first)
    ) { try SantanderPanelReader.read(paths: [first, other]) }
  }
}
