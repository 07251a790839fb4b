internal import InteractionData
internal import RecommenderModels

/// Scores items the same for everyone.
struct FixedScorer: Scorer {
  let scores: [Float]
  var batchLimit: Int { 1024 }

  func score(_ histories: [CustomerHistory], into output: UnsafeMutableBufferPointer<Float>) {
    for index in 0..<histories.count {
      for item in scores.indices { output[index * scores.count + item] = scores[item] }
    }
  }
}

/// Scores items by numbers that depend on seed, customer and item alone.
struct RandomScorer: Scorer {
  let seed: UInt64
  let itemCount: Int
  var batchLimit: Int { 1024 }

  func score(_ histories: [CustomerHistory], into output: UnsafeMutableBufferPointer<Float>) {
    for (index, history) in histories.enumerated() {
      var generator = SeededGenerator(
        seed: seed, stream: UInt64((history.attributeIndex ?? 0) + 1))
      for item in 0..<itemCount {
        output[index * itemCount + item] = Float(generator.nextUnitDouble())
      }
    }
  }
}
