/// How often a product that was examined and not taken is dismissed rather than passed over,
/// learned where a slot is surely examined.
struct DismissalRate: Sendable, Codable {
  // Beta(1, 4): one dismissal in five, worth five observations.
  private var dismissals = 1.0
  private var refusals = 5.0

  var share: Double { dismissals / refusals }

  mutating func update(_ response: Response, examination: Double) {
    guard response != .accepted, examination >= 1 else { return }
    refusals += 1
    if response == .dismissed { dismissals += 1 }
  }
}
