internal import InteractionData
internal import TensorFiles

/// Joins the workers' customer records into attribute columns.
struct AttributeAssembly: Sendable {
  private let workers: [SantanderWorker]
  private let order: CustomerOrder
  /// For each worker and attribute, the code that each of the worker's codes becomes.
  private let translations: [[[UInt16]]]
  /// For each attribute the values of all workers, ascending; nil when there are too many.
  private let categories: [[[UInt8]]?]
  private let parts: Int

  init(workers: [SantanderWorker], order: CustomerOrder, categoryLimit: Int, parts: Int) {
    self.workers = workers
    self.order = order
    self.parts = parts
    var categories: [[[UInt8]]?] = []
    var translations = workers.map { _ in [[UInt16]]() }
    for attribute in SantanderColumns.categorical.indices {
      let texts = Set(workers.flatMap { $0.dictionaries[attribute].texts })
      let isFull =
        texts.count > categoryLimit || workers.contains { $0.dictionaries[attribute].isFull }
      let sorted = texts.sorted { $0.lexicographicallyPrecedes($1) }
      categories.append(isFull ? nil : sorted)
      let codes = Dictionary(uniqueKeysWithValues: zip(sorted, sorted.indices))
      for worker in workers.indices {
        translations[worker].append(
          workers[worker].dictionaries[attribute].texts.map {
            isFull ? AttributeColumn.missingCode : UInt16(codes[$0] ?? 0)
          })
      }
    }
    self.categories = categories
    self.translations = translations
  }

  /// The attributes whose columns are in the header, and a sentence for each one left out.
  func table(present: Set<String>) -> (table: AttributeTable, warnings: [String]) {
    let codes = SantanderColumns.categorical.map { _ in WorkBuffer<UInt16>(count: order.count) }
    let numbers = SantanderColumns.numeric.map { _ in WorkBuffer<Float>(count: order.count) }
    let ranges = Parallel.ranges(order.count, parts: parts)
    Parallel.run(parts) { part in
      for customer in ranges[part] {
        let record = merged(customer)
        for index in codes.indices { codes[index].base[customer] = record.codes[index] }
        for index in numbers.indices { numbers[index].base[customer] = record.numbers[index] }
      }
    }
    var columns: [AttributeColumn] = []
    var warnings: [String] = []
    for (index, column) in SantanderColumns.categorical.enumerated()
    where present.contains(column.name) {
      guard let texts = categories[index] else {
        warnings.append(
          "column \(column.name) has more than \(AttributeColumn.categoryLimit) different values "
            + "and was left out")
        continue
      }
      columns.append(Self.column(column.name, codes[index], texts))
    }
    for (index, name) in SantanderColumns.numeric.enumerated() where present.contains(name) {
      columns.append(AttributeColumn(name: name, values: .numeric(numbers[index].column)))
    }
    return (AttributeTable(columns: columns), warnings)
  }

  /// All workers' knowledge of a customer, in the joint codes.
  private func merged(_ customer: Int) -> CustomerRecord {
    var result = CustomerRecord(identifier: 0)
    for index in order.entries(of: customer) {
      let entry = order.entries.base[index]
      let translation = translations[Int(entry.worker)]
      let record = workers[Int(entry.worker)].records[Int(entry.local)]
      for attribute in translation.indices {
        let code = record.pointee.codes[attribute]
        let month = record.pointee.codeMonths[attribute]
        guard code != AttributeColumn.missingCode, month >= result.codeMonths[attribute] else {
          continue
        }
        // Joint codes ascend with their texts, so a tie goes to the smaller code.
        let joint = translation[attribute][Int(code)]
        if month > result.codeMonths[attribute] || joint < result.codes[attribute] {
          result.codes[attribute] = joint
          result.codeMonths[attribute] = month
        }
      }
      for index in 0..<CustomerRecord.numericCapacity {
        let number = record.pointee.numbers[index]
        let month = record.pointee.numberMonths[index]
        guard number == number, month >= result.numberMonths[index] else { continue }
        if month > result.numberMonths[index] || number < result.numbers[index] {
          result.numbers[index] = number
          result.numberMonths[index] = month
        }
      }
    }
    return result
  }

  /// A column with the categories that some customer has in the end, and no others: those of older
  /// rows depend on what else was in the file.
  private static func column(
    _ name: String, _ codes: WorkBuffer<UInt16>, _ texts: [[UInt8]]
  ) -> AttributeColumn {
    var isUsed = [Bool](repeating: false, count: Int(UInt16.max) + 1)
    for customer in 0..<codes.count { isUsed[Int(codes.base[customer])] = true }
    var final = [UInt16](repeating: AttributeColumn.missingCode, count: Int(UInt16.max) + 1)
    var categories: [String] = []
    for code in texts.indices where isUsed[code] {
      final[code] = UInt16(categories.count)
      categories.append(String(decoding: texts[code], as: UTF8.self))
    }
    for customer in 0..<codes.count {
      codes.base[customer] = final[Int(codes.base[customer])]
    }
    return AttributeColumn(
      name: name, values: .categorical(codes: codes.column, categories: categories))
  }
}
