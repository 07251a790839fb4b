/// The features that are 1 and the ages that are known, lists for each step of a pass, one after
/// another.
struct FeatureLists: ~Copyable {
  private struct Range {
    var start: UInt32 = 0
    var features: UInt32 = 0
    var ages: UInt32 = 0
  }

  private static let listLimit = PanelFeatures.activeLimit + PanelAges.activeLimit

  private var ranges: [Range] = []
  private var indexes: UnsafeMutableBufferPointer<UInt32> = .allocate(capacity: 0)
  private var used = 0

  deinit { indexes.deallocate() }

  /// Begins with empty lists, one for each of `count` steps.
  mutating func begin(count: Int) {
    used = 0
    ranges.removeAll(keepingCapacity: true)
    ranges.append(contentsOf: repeatElement(Range(), count: count))
  }

  /// Writes the lists of the step at a place.
  @inline(__always)
  mutating func append(
    _ step: PanelStep, _ ages: PanelAges, _ features: PanelFeatures, at place: Int
  ) {
    if used + Self.listLimit > indexes.count { grow() }
    guard let base = indexes.baseAddress else { return }
    let first = features.write(step, into: base + used)
    let second = ages.write(held: step.held, items: features.items, into: base + used + first)
    ranges[place] = Range(start: UInt32(used), features: UInt32(first), ages: UInt32(second))
    used += first + second
  }

  private mutating func grow() {
    let larger = UnsafeMutableBufferPointer<UInt32>.allocate(
      capacity: 2 * indexes.count + Self.listLimit)
    _ = larger.update(fromContentsOf: indexes[..<used])
    indexes.deallocate()
    indexes = larger
  }

  /// The features of a place, valid until the next list is written.
  func features(at place: Int) -> UnsafeBufferPointer<UInt32> {
    let range = ranges[place]
    let start = Int(range.start)
    return UnsafeBufferPointer(rebasing: indexes[start..<start + Int(range.features)])
  }

  /// The ages of a place, valid until the next list is written.
  func ages(at place: Int) -> UnsafeBufferPointer<UInt32> {
    let range = ranges[place]
    let start = Int(range.start) + Int(range.features)
    return UnsafeBufferPointer(rebasing: indexes[start..<start + Int(range.ages)])
  }
}
