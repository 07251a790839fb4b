internal import InteractionData
internal import Testing

struct MonthTests {
  @Test(arguments: [
    ("2015-01", 2015 * 12), ("2016-12", 2016 * 12 + 11), ("2015-01-28", 2015 * 12),
  ])
  func reads(text: String, number: Int) { #expect(Month(text)?.number == number) }

  @Test(arguments: ["2015", "2015-13", "2015-00", "15-01", "2015-1", "2015-01-32", "2015-01-1", ""])
  func refuses(text: String) { #expect(Month(text) == nil) }

  @Test(
    arguments: [
      // Seconds taken from `date -u -d @SECONDS`.
      (0, "1970-01"), (-1, "1969-12"), (1_422_403_200, "2015-01"), (1_456_790_399, "2016-02"),
      (1_456_790_400, "2016-03"), (4_102_444_800, "2100-01"), (951_827_696, "2000-02"),
    ] as [(Int64, String)])
  func holdsTheMoment(seconds: Int64, month: String) {
    #expect(Month(secondsSince1970: seconds).description == month)
  }

  @Test func everyMonthStartsWithItself() {
    for number in 1900 * 12..<2200 * 12 {
      let month = Month(number: number)
      let start = month.secondsSince1970()
      #expect(Month(secondsSince1970: start) == month)
      #expect(Month(secondsSince1970: start - 1) == month.advanced(by: -1))
      #expect(Month(month.description) == month)
    }
  }

  @Test func theTwentyEighthIsKagglesTimestamp() {
    #expect(Month(year: 2015, month: 1).secondsSince1970(day: 28) == 1_422_403_200)
  }
}
