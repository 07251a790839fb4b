internal import InteractionData

extension LivePersonalization {
  func write(to writer: inout StateWriter) {
    writer.append(count: customers.count)
    for key in customers.keys.sorted(by: CustomerKey.precedes) {
      key.write(to: &writer)
      customers[key]?.write(to: &writer)
    }
    writer.append(count: joinedSessions.count)
    for (session, key) in joinedSessions.sorted(by: { $0.key < $1.key }) {
      writer.append(session)
      key.write(to: &writer)
    }
  }

  func read(from reader: inout StateReader) throws(StateReader.Damaged) {
    let count = try reader.count()
    customers.reserveCapacity(count)
    for _ in 0..<count {
      let key = try CustomerKey(from: &reader, customerCount: dataset.customers.count)
      let index: Int? = if case .known(let index) = key { index } else { nil }
      customers[key] = try LiveCustomer(from: &reader, customer: index, in: dataset)
      if index == nil { newCustomerCount += 1 }
    }
    for _ in 0..<(try reader.count()) {
      let session = try reader.text()
      joinedSessions[session] = try CustomerKey(
        from: &reader, customerCount: dataset.customers.count)
    }
  }
}
