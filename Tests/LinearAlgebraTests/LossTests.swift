import Foundation
import LinearAlgebra
import Testing

@Suite struct LossTests {
  private func hazard(
    _ logits: [Float], held: UInt64, taken: UInt64, ranking: Float = 1, hazard: Float = 1,
    scale: Float = 1
  ) -> (loss: Double, gradient: [Float]) {
    var gradient = [Float](repeating: .nan, count: logits.count)
    var loss = Double.nan
    logits.withUnsafeBufferPointer { logits in
      gradient.withUnsafeMutableBufferPointer { gradient in
        guard let logits = logits.baseAddress, let target = gradient.baseAddress else { return }
        loss = Losses.hazard(
          logits: logits, count: gradient.count, held: held, taken: taken,
          rankingWeight: ranking, hazardWeight: hazard, scale: scale, gradient: target)
      }
    }
    return (loss, gradient)
  }

  /// Both losses by their definitions, in double precision.
  private func naive(_ logits: [Float], held: UInt64, taken: UInt64) -> (Double, Double) {
    let open = logits.indices.filter { held >> UInt64($0) & 1 == 0 }
    let total = open.reduce(0.0) { $0 + exp(Double(logits[$1])) }
    var ranking = 0.0
    var hazard = 0.0
    for item in open {
      let logit = Double(logits[item])
      let hit = taken >> UInt64(item) & 1 == 1
      if hit { ranking -= log(exp(logit) / total) }
      hazard -= log(hit ? 1 / (1 + exp(-logit)) : 1 / (1 + exp(logit)))
    }
    return (ranking, hazard)
  }

  @Test(arguments: [1, 7, 24, 64])
  func agreesWithItsDefinition(items: Int) {
    var noise = Noise(UInt64(items))
    for round in 0..<20 {
      let logits = noise.array(items, 6)
      let held = UInt64(round) &* 0x9e37_79b9_7f4a_7c15
      let taken = UInt64(round) &* 0xd134_2543_de82_ef95
      let (ranking, binary) = naive(logits, held: held, taken: taken)
      let both = hazard(logits, held: held, taken: taken)
      #expect(abs(both.loss - ranking - binary) < 1e-4 * max(1, ranking + binary))
      #expect(abs(hazard(logits, held: held, taken: taken, hazard: 0).loss - ranking) < 1e-3)
      #expect(abs(hazard(logits, held: held, taken: taken, ranking: 0).loss - binary) < 1e-3)
      for item in 0..<items {
        if held >> UInt64(item) & 1 == 1 {
          #expect(both.gradient[item] == 0)
          continue
        }
        var up = logits
        var down = logits
        up[item] += 0.01
        down[item] -= 0.01
        let (highRanking, highBinary) = naive(up, held: held, taken: taken)
        let (lowRanking, lowBinary) = naive(down, held: held, taken: taken)
        let slope =
          (highRanking + highBinary - lowRanking - lowBinary) / Double(up[item] - down[item])
        #expect(abs(Double(both.gradient[item]) - slope) < 1e-3, "item \(item) of \(items)")
      }
    }
  }

  @Test func oneItemTakenOfTwo() {
    // softmax(0, ln 3) = (1/4, 3/4); σ(0) = 1/2, σ(ln 3) = 3/4.
    let result = hazard([0, log(3)], held: 0, taken: 2, scale: 2)
    #expect(abs(result.loss - (log(4.0 / 3) + log(2) + log(4.0 / 3))) < 1e-6)
    #expect(abs(result.gradient[0] - 2 * (0.25 + 0.5)) < 1e-6)
    #expect(abs(result.gradient[1] - 2 * (-0.25 - 0.25)) < 1e-6)
  }

  @Test func whoHoldsEverythingTeachesNothing() {
    let result = hazard([1, 2, 3], held: 7, taken: 0)
    #expect(result.loss == 0 && result.gradient == [0, 0, 0])
  }

  @Test func aLogitThatIsNoNumberShowsInTheLoss() {
    #expect(!hazard([.nan, 1], held: 0, taken: 2).loss.isFinite)
    #expect(!hazard([.nan, .nan], held: 0, taken: 2).loss.isFinite)
    #expect(!hazard([1, .nan], held: 0, taken: 0).loss.isFinite)
  }

  @Test func softmaxOverManyItems() {
    var noise = Noise(5)
    let logits = noise.array(1000, 4)
    var gradient = logits
    var loss = 0.0
    gradient.withUnsafeMutableBufferPointer {
      if let base = $0.baseAddress {
        loss = Losses.softmax(logits: base, count: 1000, target: 17, scale: 0.5)
      }
    }
    let total = logits.reduce(0.0) { $0 + exp(Double($1)) }
    #expect(abs(loss + log(exp(Double(logits[17])) / total)) < 1e-5)
    for item in logits.indices {
      let expected = 0.5 * (exp(Double(logits[item])) / total - (item == 17 ? 1 : 0))
      #expect(abs(Double(gradient[item]) - expected) < 1e-6)
    }
  }
}
