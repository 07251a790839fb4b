internal import CRecommenderMessages

/// The cold products of a Describe.
enum ColdItemCodec {
  typealias Messages = UnsafeMutablePointer<UnsafeMutablePointer<Teller__V1__ColdItem>?>

  static func write(
    _ items: [ColdItemDescription], arena: MessageArena
  ) throws(RPCError) -> Messages {
    let messages = try arena.list(of: Teller__V1__ColdItem.self, count: items.count)
    let pointers = try arena.list(
      of: UnsafeMutablePointer<Teller__V1__ColdItem>?.self, count: items.count)
    for (index, item) in items.enumerated() {
      teller__v1__cold_item__init(messages + index)
      messages[index].item_index = item.itemIndex
      messages[index].state = Teller__V1__ColdItemState(rawValue: item.state.rawValue)
      messages[index].showings = item.showings
      messages[index].acceptances = item.acceptances
      messages[index].acceptance = item.acceptance
      pointers[index] = messages + index
    }
    return pointers
  }

  /// States that only a newer server knows are left out.
  static func read(_ messages: Messages?, count: Int) -> [ColdItemDescription] {
    (0..<count).compactMap { index in
      guard let message = messages?[index]?.pointee,
        let state = ColdItemState(rawValue: message.state.rawValue)
      else { return nil }
      return ColdItemDescription(
        itemIndex: message.item_index, state: state, showings: message.showings,
        acceptances: message.acceptances, acceptance: message.acceptance)
    }
  }
}
