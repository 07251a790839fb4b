internal import InteractionData
internal import Testing

struct SeededGeneratorTests {
  @Test func equalSeedsGiveEqualNumbers() {
    var first = SeededGenerator(seed: 7, stream: 3)
    var second = SeededGenerator(seed: 7, stream: 3)
    var other = SeededGenerator(seed: 7, stream: 4)
    let numbers = (0..<100).map { _ in first.next() }
    #expect(numbers == (0..<100).map { _ in second.next() })
    #expect(numbers != (0..<100).map { _ in other.next() })
  }

  @Test func momentsAreThoseOfTheDistributions() {
    var generator = SeededGenerator(seed: 1)
    let count = 200_000
    var sum = 0.0
    var gaussianSum = 0.0
    var gaussianSquares = 0.0
    var buckets = [Int](repeating: 0, count: 6)
    for _ in 0..<count {
      sum += generator.nextUnitDouble()
      let gaussian = generator.nextGaussian()
      gaussianSum += gaussian
      gaussianSquares += gaussian * gaussian
      buckets[generator.nextIndex(below: 6)] += 1
    }
    // Five standard errors, with a fixed seed: this cannot fail by chance.
    #expect(abs(sum / Double(count) - 0.5) < 5 * 0.2887 / Double(count).squareRoot())
    #expect(abs(gaussianSum / Double(count)) < 5 / Double(count).squareRoot())
    #expect(abs(gaussianSquares / Double(count) - 1) < 5 * 1.4143 / Double(count).squareRoot())
    let expected = Double(count) / 6
    let chiSquare = buckets.reduce(0) {
      $0 + (Double($1) - expected) * (Double($1) - expected) / expected
    }
    #expect(chiSquare < 25)
  }
}
