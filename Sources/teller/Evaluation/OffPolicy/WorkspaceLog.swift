internal import EventLog
internal import Foundation
internal import OfflineEvaluation

/// A workspace's own log: the answers that its server recorded, joined to what came of them.
struct WorkspaceLog {
  /// The file of the answers.
  let path: String
  /// The answers.
  let answers: LoggedAnswers
  /// Answers left out because they do not tell what they were drawn from.
  private(set) var withoutMenu = 0

  /// Reads the log. A server may run meanwhile; its latest answers may not be written yet.
  ///
  /// - Parameters:
  ///   - shared: names the workspace.
  ///   - reward: what an item is worth.
  ///   - needsMenu: leaves out answers that do not tell what they were drawn from: those given with
  ///     weight 0, and those recorded before menus were. It depends on nothing that was drawn, so
  ///     that what is left is evaluated without bias. An answer that was drawn and has an empty menu,
  ///     which no server records, is left out as well.
  /// - Throws: `EventLogError`; `EvaluationError` where there are no answers.
  init(_ shared: SharedOptions, reward: RewardKind, needsMenu: Bool) throws {
    path = shared.recommendationLogPath
    guard FileManager.default.fileExists(atPath: path) else {
      throw EventLogError.unreadable(path: path, reason: "there is none yet")
    }
    var log = LoggedAnswers()
    var withoutMenu = 0
    try SQLiteRecommendationStore(path: path).forEach { record in
      let tellsMenu = LoggedAnswer.tellsMenu(
        choiceCount: record.menu?.count, propensity: record.propensities.last.map(Double.init))
      if needsMenu && !tellsMenu {
        withoutMenu += 1
      } else {
        Self.append(record, to: &log)
      }
    }
    guard !log.answers.isEmpty else {
      throw EvaluationError.emptyLog(
        path: path,
        reason: withoutMenu == 0
          ? "no answers; log some with 'teller serve'"
          : "none of \(withoutMenu) answers tells what it was drawn from; serve with an exploration "
            + "weight above 0")
    }
    if FileManager.default.fileExists(atPath: shared.eventLogPath) {
      try SQLiteEventStore(path: shared.eventLogPath).forEach(after: 0) { _, event in
        // Not all events come from an answer: what names none is nothing that was left out.
        if event.recommendationID.isEmpty { return }
        log.add(
          event.kind.rawValue, itemID: event.itemID, value: event.value,
          recommendationID: event.recommendationID, reward: reward)
      }
    }
    log.finish(reward)
    answers = log
    self.withoutMenu = withoutMenu
  }

  private static func append(_ record: RecommendationRecord, to log: inout LoggedAnswers) {
    let slots = record.itemIDs.indices.map { place in
      LoggedAnswer.Slot(
        item: log.index(addingItem: record.itemIDs[place]),
        propensity: record.propensities.isEmpty ? 1 : Double(record.propensities[place]),
        score: record.scores[place].isFinite ? Double(record.scores[place]) : .nan)
    }
    let menu = record.menu?.map { choice in
      LoggedAnswer.Choice(
        item: log.index(addingItem: choice.itemID), probability: Double(choice.propensity),
        matchingProbability: choice.matchingProbability.map { Double($0) } ?? .nan,
        score: choice.score.isFinite ? Double(choice.score) : .nan)
    }
    let answer = LoggedAnswer(
      customer: log.index(addingCustomer: record.userID),
      timeMilliseconds: record.timeMilliseconds,
      explorationWeight: Double(record.explorationWeight), experiment: record.experiment,
      arm: record.arm, slots: slots, menu: menu)
    _ = log.append(
      answer, recommendationID: record.recommendationID, modelVersion: record.modelVersion)
  }
}
