internal import Foundation

extension Experiment {
  /// Reads an experiment from a file of JSON.
  ///
  /// - Parameter path: the file.
  /// - Throws: ``ExperimentError`` with what is wrong. A key that is not known is an error: what it
  ///   asks for would not happen.
  public init(path: String) throws(ExperimentError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
      let data = FileManager.default.contents(atPath: path)
    else { throw .unreadable(path: path) }
    let file: ExperimentFile
    do {
      file = try JSONDecoder().decode(ExperimentFile.self, from: data)
    } catch {
      throw .malformed(path: path, reason: ExperimentFile.reason(error))
    }
    let arms = file.arms.map {
      Arm(
        name: $0.name, share: $0.share, explorationWeight: $0.explorationWeight, model: $0.model)
    }
    if let fault = Self.fault(
      name: file.name, arms: arms, startMilliseconds: file.startMilliseconds,
      endMilliseconds: file.endMilliseconds)
    {
      throw .malformed(path: path, reason: fault)
    }
    guard
      let experiment = Experiment(
        name: file.name, arms: arms, startMilliseconds: file.startMilliseconds,
        endMilliseconds: file.endMilliseconds)
    else { preconditionFailure("an experiment without fault can be made") }
    self = experiment
  }
}

/// The file as it is written.
private struct ExperimentFile: Decodable {
  struct Arm: Decodable {
    let name: String
    let share: Int
    let explorationWeight: Double?
    let model: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
      case name, share, model
      case explorationWeight = "exploration_weight"
    }

    init(from decoder: any Decoder) throws {
      try ExperimentFile.checkKeys(of: decoder, known: CodingKeys.allCases.map(\.rawValue))
      let values = try decoder.container(keyedBy: CodingKeys.self)
      name = try values.decode(String.self, forKey: .name)
      let share = try values.decode(Double.self, forKey: .share)
      guard let whole = Int(exactly: share) else {
        throw Fault(
          text: ExperimentFile.path(values.codingPath, CodingKeys.share)
            + " is \(share); it is a whole number")
      }
      self.share = whole
      explorationWeight = try values.decodeIfPresent(Double.self, forKey: .explorationWeight)
      model = try values.decodeIfPresent(String.self, forKey: .model)
    }
  }

  let name: String
  let arms: [Arm]
  let startMilliseconds: Int64?
  let endMilliseconds: Int64?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, arms
    case startMilliseconds = "start_ms"
    case endMilliseconds = "end_ms"
  }

  init(from decoder: any Decoder) throws {
    try Self.checkKeys(of: decoder, known: CodingKeys.allCases.map(\.rawValue))
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    arms = try values.decode([Arm].self, forKey: .arms)
    startMilliseconds = try values.decodeIfPresent(Int64.self, forKey: .startMilliseconds)
    endMilliseconds = try values.decodeIfPresent(Int64.self, forKey: .endMilliseconds)
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  struct Fault: Error { let text: String }

  static func checkKeys(of decoder: any Decoder, known: [String]) throws {
    for key in try decoder.container(keyedBy: AnyKey.self).allKeys
    where !known.contains(key.stringValue) {
      throw Fault(
        text: path(decoder.codingPath, key)
          + " is not known; there are \(known.joined(separator: ", "))")
    }
  }

  static func path(_ place: [any CodingKey], _ key: (any CodingKey)? = nil) -> String {
    (place + [key].compactMap { $0 }).map {
      $0.intValue.map(String.init) ?? $0.stringValue
    }.joined(separator: ".")
  }

  static func reason(_ error: any Error) -> String {
    switch error {
    case let error as Fault: error.text
    case DecodingError.keyNotFound(let key, let context):
      "\(path(context.codingPath, key)) is missing"
    case DecodingError.typeMismatch(_, let context) where !context.codingPath.isEmpty,
      DecodingError.valueNotFound(_, let context) where !context.codingPath.isEmpty,
      DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      "\(path(context.codingPath)) is of another type"
    default: "not a JSON object"
    }
  }
}
