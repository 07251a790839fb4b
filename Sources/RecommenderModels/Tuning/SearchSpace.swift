internal import Foundation
internal import InteractionData

/// The settings of a recipe that are worth searching, and where their values lie.
///
/// Ranges of `hidden_dimension`, `bptt`, `popularity_discount_factor` and `min_cointeraction_count`
/// are those Amazon Personalize tunes over; the others span what helped on banks of all sizes.
public struct SearchSpace: Sendable {
  /// A setting that is searched.
  struct Dimension: Sendable {
    let name: String
    let values: Values
  }

  enum Values: Sendable {
    /// Whole numbers, each as likely.
    case integers(ClosedRange<Int>)
    /// Whole numbers, each doubling as likely.
    case integersByRatio(ClosedRange<Int>)
    case numbers(ClosedRange<Double>)
    /// Numbers above 0, each doubling as likely.
    case numbersByRatio(ClosedRange<Double>)
    case choices([ConfigurationValue])

    /// The value at a place between 0 and 1.
    func value(at place: Double) -> ConfigurationValue {
      func between(_ low: Double, _ high: Double) -> Double { low + (high - low) * place }
      func byRatio(_ low: Double, _ high: Double) -> Double {
        exp(between(log(low), log(high)))
      }
      // Three digits are as good as sixteen, and can be read and typed.
      func short(_ number: Double) -> ConfigurationValue {
        .number(Double(String(format: "%.3g", number)) ?? number)
      }
      switch self {
      case .integers(let range):
        return .integer(min(range.upperBound, range.lowerBound + Int(place * Double(range.count))))
      case .integersByRatio(let range):
        let number = byRatio(Double(range.lowerBound), Double(range.upperBound))
        return .integer(min(max(Int(number.rounded()), range.lowerBound), range.upperBound))
      case .numbers(let range): return short(between(range.lowerBound, range.upperBound))
      case .numbersByRatio(let range): return short(byRatio(range.lowerBound, range.upperBound))
      case .choices(let choices):
        return choices[min(Int(place * Double(choices.count)), choices.count - 1)]
      }
    }
  }

  let dimensions: [Dimension]

  /// The names of the settings searched.
  public var names: [String] { dimensions.map(\.name) }

  /// The search space of a recipe, without settings that are fixed.
  public init(_ kind: RecommenderKind, fixed: Set<String> = []) {
    let known = ModelTrainer.settingNames(of: kind)
    dimensions = Self.all(kind).filter { known.contains($0.name) && !fixed.contains($0.name) }
  }

  private static func all(_ kind: RecommenderKind) -> [Dimension] {
    func dimension(_ name: String, _ values: Values) -> Dimension {
      Dimension(name: name, values: values)
    }
    switch kind {
    case .popularity:
      return [
        dimension("recent_months", .integers(1...12)),
        dimension("seasonal_share", .numbers(0...1)),
        dimension("smoothing", .numbersByRatio(1...1000)),
      ]
    case .sims:
      return [
        dimension("popularity_discount_factor", .numbers(0...1)),
        dimension("min_cointeraction_count", .integers(0...10)),
        dimension("history_length_discount", .numbers(0...1)),
        dimension("target_normalization", .numbers(0...1)),
      ]
    case .hrnn:
      return [
        dimension("learning_rate", .numbersByRatio(5e-4...2e-2)),
        dimension("dropout", .numbers(0...0.6)),
        dimension("weight_decay", .numbersByRatio(1e-4...10)),
        dimension("hidden_dimension", .integersByRatio(32...256)),
        dimension("bptt", .integers(2...32)),
        dimension("recency_mask", .choices([.flag(true), .flag(false)])),
      ]
    }
  }

  /// The settings of a trial.
  ///
  /// Trial 0 has the recipe's own. The others are a Halton sequence (Halton 1960,
  /// doi:10.1007/BF01386213), moved by a random shift of the seed: it leaves no gaps, however many
  /// trials there will be.
  ///
  /// - Parameters:
  ///   - trial: its number, from 0.
  ///   - seed: where the shift comes from.
  /// - Returns: the searched settings by name; empty for trial 0.
  public func settings(ofTrial trial: Int, seed: UInt64) -> [String: ConfigurationValue] {
    if trial == 0 { return [:] }
    var generator = SeededGenerator(seed: seed, stream: Self.shiftStream)
    var settings: [String: ConfigurationValue] = [:]
    for (dimension, base) in zip(dimensions, Self.bases) {
      let place = Self.radicalInverse(trial, base: base) + generator.nextUnitDouble()
      settings[dimension.name] = dimension.values.value(at: place - place.rounded(.down))
    }
    return settings
  }

  private static let shiftStream: UInt64 = 10 << 32
  private static let bases = [2, 3, 5, 7, 11, 13, 17, 19]

  /// A number's digits in a base, mirrored behind the point.
  static func radicalInverse(_ number: Int, base: Int) -> Double {
    var (rest, scale, sum) = (number, 1.0, 0.0)
    while rest > 0 {
      scale /= Double(base)
      sum += Double(rest % base) * scale
      rest /= base
    }
    return sum
  }
}
