/// What a slate is to be chosen from.
public struct SlateRequest: Sendable, Equatable {
  /// The most candidates.
  public static let candidateLimit = 4096
  /// The most slots.
  public static let slotLimit = 500

  /// The customer: the value of each attribute of the schema, from 0.
  public var context: [UInt8]
  /// The products that may be shown, each once.
  public var candidates: [Int]
  /// The model's log-odds of each candidate; NaN for a cold product, of which the model knows
  /// nothing.
  public var scores: [Double]
  /// The number of slots.
  public var slotCount: Int

  /// Makes a request.
  public init(context: [UInt8], candidates: [Int], scores: [Double], slotCount: Int) {
    self.context = context
    self.candidates = candidates
    self.scores = scores
    self.slotCount = slotCount
  }
}

/// The products chosen for a customer, in slot order.
public struct Slate: Sendable, Equatable {
  /// One product and how it came to its slot.
  public struct Entry: Sendable, Equatable {
    /// The product.
    public var item: Int
    /// The probability with which this policy shows this product in this slot, given the request
    /// and the products in the slots above. Their product over all slots is the slate's.
    public var propensity: Double
    /// The log-odds of acceptance that were believed.
    public var logit: Double
    /// Whether the product was cold.
    public var isCold: Bool
    /// How far the model's score lay above what it is for customers like this one; 0 when cold.
    public var deviation: Double

    /// Makes an entry, as it was decided.
    public init(item: Int, propensity: Double, logit: Double, isCold: Bool, deviation: Double) {
      self.item = item
      self.propensity = propensity
      self.logit = logit
      self.isCold = isCold
      self.deviation = deviation
    }
  }

  /// A product that might have stood in the last slot.
  public struct Choice: Sendable, Equatable {
    /// The product.
    public var item: Int
    /// The probability with which it was drawn.
    public internal(set) var propensity: Double
    /// The probability of it being the best of the slot, before the exploration weight cuts it; 0
    /// for established products, nil for what is believed best.
    public var matchingProbability: Double?
    /// The log-odds of acceptance that were believed.
    public var logit: Double
    /// Whether the product was cold.
    public var isCold: Bool

    init(_ entry: Entry, matching: Double? = nil) {
      item = entry.item
      propensity = entry.propensity
      matchingProbability = matching
      logit = entry.logit
      isCold = entry.isCold
    }
  }

  /// The products, at most as many as slots were asked for.
  public internal(set) var entries: [Entry] = []
  /// What the last slot was drawn from, with what probabilities: what is believed best first. Empty
  /// where nothing was drawn. A log that keeps it can be asked what another policy would have done.
  public internal(set) var menu: [Choice] = []
  /// Whether the last slot shows something else than what is believed best.
  public internal(set) var isExploring = false
  /// The log-odds of what is believed best for the last slot, when something else is tried there.
  public internal(set) var rivalLogit: Double?

  /// Makes an empty slate.
  public init() {}
}
