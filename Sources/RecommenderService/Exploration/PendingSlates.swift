/// The slates of the latest answers, until an event says that one was shown.
///
/// A ring: the oldest goes for a further one. Numbers grow, so a slate is found by bisection. Places
/// keep their memory, so remembering allocates nothing once the ring is full.
struct PendingSlates {
  /// The most slates that are kept: some 40 MB of a bank's.
  static let limit = 131_072

  private struct Place {
    var number: UInt64 = 0
    var isTaken = false
    var bytes: [UInt8] = []
  }

  private let limit: Int
  private var places: [Place] = []
  /// The place of the oldest, once all are in use.
  private var start = 0

  init(limit: Int = Self.limit) { self.limit = limit }

  /// Remembers a slate under a number larger than all before.
  mutating func remember(_ number: UInt64, _ write: (inout [UInt8]) -> Void) {
    if places.count < limit {
      places.append(Place())
      fill(places.count - 1, number, write)
      return
    }
    fill(start, number, write)
    start = (start + 1) % limit
  }

  private mutating func fill(_ place: Int, _ number: UInt64, _ write: (inout [UInt8]) -> Void) {
    places[place].number = number
    places[place].isTaken = false
    places[place].bytes.removeAll(keepingCapacity: true)
    write(&places[place].bytes)
  }

  /// Takes a slate out to be logged with an event; nil when it is gone, or was taken before.
  mutating func take(_ number: UInt64) -> [UInt8]? {
    guard let place = place(of: number), !places[place].isTaken else { return nil }
    places[place].isTaken = true
    return places[place].bytes
  }

  /// Lets a slate be taken again: the event it went with was not logged.
  mutating func putBack(_ number: UInt64) {
    if let place = place(of: number) { places[place].isTaken = false }
  }

  private func place(of number: UInt64) -> Int? {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[(start + middle) % places.count].number < number {
        low = middle + 1
      } else {
        high = middle
      }
    }
    guard low < places.count else { return nil }
    let place = (start + low) % places.count
    return places[place].number == number ? place : nil
  }
}
