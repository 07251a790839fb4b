internal import InteractionData

/// The month after the last one written, of the customers with a row in that.
struct NextMonth {
  let customers: WorkBuffer<BankCustomer>
  let isPresent: WorkBuffer<Bool>
  let options: BankGeneratorOptions
  let model: HazardModel

  private static let flushLimit = 1 << 20

  private var month: Int { options.months }
  private var monthOfYear: Int { options.firstMonth.advanced(by: month).monthOfYear }

  /// Moves every customer on by one month, and writes what it adds.
  func writeAdditions(
    to path: String, _ report: inout GenerationReport
  ) throws(ImportError) {
    var (lines, adders) = (0, 0)
    try write(to: path, header: "ncodpers,added_products") { index, text in
      var customer = customers.base[index]
      let before = customer.held
      if !customer.hasLeft {
        var generator = SeededGenerator(
          seed: options.seed, stream: UInt64(index) << 16 | UInt64(month + 1))
        model.step(
          &customer, monthOfYear: monthOfYear, tenure: month - Int(customer.joinMonth), &generator)
      }
      let added = customer.held & ~before
      let products = (0..<BankProducts.count).filter { added >> UInt32($0) & 1 == 1 }
      text += products.map { BankProducts.columns[$0] }.joined(separator: " ")
      lines += 1
      adders += products.isEmpty ? 0 : 1
    }
    report.truthCustomers = lines
    report.truthAdders = adders
  }

  /// Writes the probability of every product being added.
  func writeHazards(to path: String) throws(ImportError) {
    let header = "ncodpers," + BankProducts.columns.joined(separator: ",")
    try write(to: path, header: header) { index, text in
      let customer = customers.base[index]
      let hazards =
        customer.hasLeft
        ? [Float](repeating: 0, count: BankProducts.count)
        : model.hazards(
          of: customer, monthOfYear: monthOfYear, tenure: month - Int(customer.joinMonth))
      text += hazards.map { "\($0)" }.joined(separator: ",")
    }
  }

  /// Writes a line for each customer: the identifier, and what `body` adds.
  private func write(
    to path: String, header: String, _ body: (Int, inout String) -> Void
  ) throws(ImportError) {
    let file = try OutputFile(path: path)
    var text = header + "\n"
    for index in 0..<options.customers where isPresent.base[index] {
      text += "\(customers.base[index].identifier),"
      body(index, &text)
      text += "\n"
      if text.utf8.count > Self.flushLimit {
        try file.write(text)
        text = ""
      }
    }
    try file.write(text)
    try file.finish()
  }
}
