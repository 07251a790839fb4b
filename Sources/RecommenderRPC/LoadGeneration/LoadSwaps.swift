internal import NIOCore

/// A change of models that was asked for while a load ran.
public struct RPCLoadSwap: Equatable, Sendable {
  /// The version that came in force.
  public var version: String
  /// The version it replaced.
  public var previousVersion: String
  /// When it was asked for, in seconds since the load began.
  public var beganSeconds: Double
  /// When the server said that it was done.
  public var endedSeconds: Double
  /// Requests that failed in the seconds from the one in which it began to the one after it ended.
  public var errors: UInt64
  /// Answers of the second in which it came in force.
  public var requests: UInt64
  /// 99 % of those came within this many microseconds.
  public var p99Microseconds: Double
  /// The highest 99th percentile of any second from the one in which it began to the one after it
  /// ended: the models are loaded, and all customers scored, beside the load.
  public var worstP99Microseconds: Double
}

/// Changes a server's models again and again while it is under load.
struct LoadSwaps {
  /// One change, before it is known what the load saw of it.
  struct Change: Sendable {
    var outcome: ModelUpdateOutcome
    var began: Double
    var ended: Double
  }

  /// The time between two.
  let interval: Duration
  /// When the load began.
  let start: NIODeadline
  /// How long it lasts.
  let duration: Duration

  private var elapsed: Duration { .nanoseconds((NIODeadline.now() - start).nanoseconds) }

  /// Asks for newer models; where there are none, for those before these, so that two versions take
  /// turns. Ends with the load; a change that ends after it is left out.
  ///
  /// Throws what the server says when it can do neither.
  func run(_ client: RPCClient) async throws(RPCError) -> [Change] {
    var changes: [Change] = []
    while true {
      do { try await Task.sleep(for: interval) } catch { return changes }
      let began = elapsed
      guard began < duration else { return changes }
      var outcome = try await client.updateModels(.reload)
      if outcome.modelVersion == outcome.previousModelVersion {
        outcome = try await client.updateModels(.rollback)
      }
      let ended = elapsed
      guard ended < duration else { return changes }
      changes.append(
        Change(outcome: outcome, began: began / .seconds(1), ended: ended / .seconds(1)))
    }
  }

  /// What the load saw of a change.
  static func describe(_ change: Change, _ seconds: [LoadSecond]) -> RPCLoadSwap {
    func p99(_ second: LoadSecond) -> Double { Double(second.histogram.quantile(0.99)) / 1000 }
    let last = Int(change.ended)
    let touched = seconds[min(Int(change.began), seconds.count)..<min(last + 2, seconds.count)]
    let moment = last < seconds.count ? seconds[last] : LoadSecond()
    return RPCLoadSwap(
      version: change.outcome.modelVersion, previousVersion: change.outcome.previousModelVersion,
      beganSeconds: change.began, endedSeconds: change.ended,
      errors: touched.reduce(0) { $0 + $1.errors }, requests: moment.histogram.total,
      p99Microseconds: p99(moment), worstP99Microseconds: touched.map(p99).max() ?? 0)
  }
}
