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

  /// Takes up what was written, about a catalogue of so many items, with what was put.
  func read(from reader: inout StateReader, itemCount: Int) throws(StateReader.Damaged) {
    // A key, whether it is a session, and two empty lists take at least as many bytes.
    let count = try reader.count(ofAtLeast: 14)
    customers.reserveCapacity(count)
    for _ in 0..<count {
      let key = try CustomerKey(from: &reader, customerCount: dataset.customers.count)
      let index: Int? = if case .known(let index) = key { index } else { nil }
      let customer = try LiveCustomer(
        from: &reader, customer: index, in: dataset, itemCount: itemCount)
      guard customers.updateValue(customer, forKey: key) == nil else { throw StateReader.Damaged() }
      if index == nil { newCustomerCount += 1 }
    }
    for _ in 0..<(try reader.count()) {
      let session = try reader.text()
      joinedSessions[session] = try CustomerKey(
        from: &reader, customerCount: dataset.customers.count)
    }
  }
}
