internal import ArgumentParser

/// A cold product of a simulation: how many take it who look at it, and when it comes.
struct SimulatedProduct: ExpressibleByArgument, Equatable, Sendable {
  /// Names the product.
  let itemID: String
  /// The probability that a customer who looks at it takes it.
  let chance: Double
  /// The number of requests before it is put into the catalogue.
  let arrival: Int

  init(itemID: String, chance: Double, arrival: Int) {
    self.itemID = itemID
    self.chance = chance
    self.arrival = arrival
  }

  /// Reads `NAME=CHANCE` or `NAME=CHANCE@REQUESTS`.
  init?(argument: String) {
    guard let sign = argument.lastIndex(of: "="), sign != argument.startIndex else { return nil }
    let parts = argument[argument.index(after: sign)...].split(
      separator: "@", omittingEmptySubsequences: false)
    guard parts.count <= 2, let chance = Double(parts[0]), (0...1).contains(chance),
      let arrival = parts.count == 2 ? Int(parts[1]) : 0, arrival >= 0
    else { return nil }
    self.init(itemID: String(argument[..<sign]), chance: chance, arrival: arrival)
  }

  var defaultValueDescription: String { "\(itemID)=\(chance)@\(arrival)" }
}
