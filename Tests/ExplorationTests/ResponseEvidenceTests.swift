import Foundation
import Testing

@testable import Exploration

/// What one response says.
struct ResponseEvidenceTests {
  /// The log-probability of a response, written out.
  private static func logProbability(
    _ response: Response, _ logit: Double, _ e: Double, _ d: Double
  ) -> Double {
    let p = 1 / (1 + exp(-logit))
    return switch response {
    case .accepted: log(e * p)
    case .dismissed: log(e * (1 - p) * d)
    case .none: log(1 - e + e * (1 - p) * (1 - d))
    }
  }

  @Test(arguments: [Response.accepted, .none, .dismissed], [0.3, 0.999])
  func slopesAreFiniteDifferences(_ response: Response, examination: Double) {
    let step = 1e-5
    for logit in [-6.0, -2, 0, 1.5] {
      let evidence = ResponseEvidence(
        response, logit: logit, examination: examination, dismissal: 0.2)
      let difference =
        (Self.logProbability(response, logit + step, examination, 0.2)
          - Self.logProbability(response, logit - step, examination, 0.2)) / (2 * step)
      #expect(abs(evidence.slope - difference) < 1e-7, "\(response) at \(logit)")
    }
  }

  @Test func informationIsTheMeanSquareOfTheSlope() {
    let (logit, e, d) = (-1.0, 0.7, 0.25)
    var expected = 0.0
    for response in [Response.accepted, .none, .dismissed] {
      let slope = ResponseEvidence(response, logit: logit, examination: e, dismissal: d).slope
      expected += exp(Self.logProbability(response, logit, e, d)) * slope * slope
    }
    let evidence = ResponseEvidence(.none, logit: logit, examination: e, dismissal: d)
    #expect(abs(evidence.information - expected) < 1e-12)
  }

  @Test func aSlotThatIsNeverSilentLeavesNothingToDivideBy() {
    // Surely examined and surely dismissed when not taken: silence cannot happen.
    let evidence = ResponseEvidence(.none, logit: 0, examination: 1, dismissal: 1)
    #expect(evidence.slope == 0)
    #expect(evidence.information.isFinite)
  }

  @Test func dismissalsAreCountedWhereTheSlotIsSurelySeen() {
    var rate = DismissalRate()
    #expect(rate.share == 0.2)
    rate.update(.dismissed, examination: 0.5)
    rate.update(.accepted, examination: 1)
    #expect(rate.share == 0.2)
    rate.update(.dismissed, examination: 1)
    #expect(rate.share == 2.0 / 6)
    rate.update(.none, examination: 1)
    #expect(rate.share == 2.0 / 7)
  }
}
