internal import ArgumentParser
internal import RecommenderModels

/// Settings of recipes as they are given on the command line.
enum TrainingSettings {
  /// The recipes a word means.
  static func kinds(_ recipe: String) throws -> [RecommenderKind] {
    if recipe == "all" { return RecommenderKind.allCases }
    guard let kind = RecommenderKind(rawValue: recipe) else {
      throw ValidationError("'\(recipe)' is no recipe: write popularity, sims, hrnn or all")
    }
    return [kind]
  }

  /// Every recipe's settings, a line each.
  static var help: String {
    RecommenderKind.allCases.map { "  \($0.rawValue): \(help(of: $0))" }.joined(separator: "\n")
  }

  /// One recipe's settings on a line.
  static func help(of kind: RecommenderKind) -> String {
    ModelTrainer.settingNames(of: kind).map { "--" + kebab($0) }.joined(separator: " ")
  }

  /// Reads `--name value` and `--name=value`; a name that no recipe in question knows is an error.
  static func parse(
    _ words: [String], kinds: [RecommenderKind]
  ) throws -> [String: ConfigurationValue] {
    let known = Set(kinds.flatMap { ModelTrainer.settingNames(of: $0) })
    var values: [String: ConfigurationValue] = [:]
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else { throw ValidationError("unexpected argument '\(word)'") }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1)
      let name = parts.first.map { String($0).replacing("-", with: "_") } ?? ""
      guard known.contains(name) else {
        throw ValidationError(
          "unknown option '\(word)'; 'teller train --help' lists the settings of each recipe")
      }
      guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst()
      else {
        throw ValidationError("missing value for '\(word)'")
      }
      values[name] = ConfigurationValue(typed: value)
    }
    return values
  }

  private static func kebab(_ name: String) -> String { name.replacing("_", with: "-") }
}
