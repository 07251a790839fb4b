/// What a simulation came to.
struct SimulationReport {
  /// What became of one cold product.
  struct Product {
    let product: SimulatedProduct
    var showings = 0
    var acceptances = 0
    /// Showings to customers for whom something else would have been better.
    var wasted = 0
    /// Requests since it came until it was shown to four in five of those whom it suits; nil while
    /// it was not.
    var foundAfter: Int?
    /// Of the latest customers whom it suits, whether it was shown.
    private var hits: [Bool] = []
    private var hitCount = 0

    init(product: SimulatedProduct) { self.product = product }

    /// The number of customers that ``foundAfter`` looks back on, and how many must have seen it.
    static let window = 200
    static let hitsToFind = 160

    mutating func suits(isShown: Bool, request: Int) {
      hits.append(isShown)
      if isShown { hitCount += 1 }
      if hits.count > Self.window, hits[hits.count - 1 - Self.window] { hitCount -= 1 }
      if foundAfter == nil, hits.count >= Self.window, hitCount >= Self.hitsToFind {
        foundAfter = request - product.arrival + 1
      }
    }
  }

  var requests = 0
  /// Expected acceptances lost against the best slates, all requests together.
  var regret = 0.0
  /// Expected acceptances of the best slates.
  var best = 0.0
  var accepted = 0
  var exploredAnswers = 0
  var products: [Product] = []

  /// Accepted products per request.
  var conversion: Double { requests == 0 ? 0 : Double(accepted) / Double(requests) }

  /// The report as a JSON object, with the state the server gives each product.
  func json(states: [String: String], seconds: Double) -> [String: Any] {
    [
      "requests": requests, "regret": regret, "best_value": best, "accepted": accepted,
      "conversion": conversion, "explored": exploredAnswers, "seconds": seconds,
      "products": products.map { entry -> [String: Any] in
        var object: [String: Any] = [
          "item_id": entry.product.itemID, "chance": entry.product.chance,
          "showings": entry.showings, "acceptances": entry.acceptances, "wasted": entry.wasted,
          "state": states[entry.product.itemID] ?? "UNKNOWN",
        ]
        if let found = entry.foundAfter { object["found_after"] = found }
        return object
      },
    ]
  }

  /// The report as lines of text.
  func lines(states: [String: String]) -> [String] {
    typealias Out = CommandOutput
    var table = Table(
      header: ["cold product", "chance", "shown", "accepted", "wasted", "found after", "state"])
    for entry in products {
      table.add([
        entry.product.itemID, "\(entry.product.chance)", Out.grouped(entry.showings),
        Out.grouped(entry.acceptances), Out.grouped(entry.wasted),
        entry.foundAfter.map { Out.grouped($0) } ?? "-",
        (states[entry.product.itemID] ?? "unknown").lowercased(),
      ])
    }
    return [
      "requests    \(Out.grouped(requests)), \(Out.grouped(exploredAnswers)) of them explored",
      "accepted    \(Out.grouped(accepted)), \(Out.fixed(conversion, 4)) a request",
      "regret      \(Out.fixed(regret, 1)) of the \(Out.fixed(best, 1)) that the best slates bring",
    ] + table.lines
  }
}
