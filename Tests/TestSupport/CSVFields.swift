/// The fields of one line of CSV, split at commas outside quotes; quotes are left out, spaces kept.
public func csvFields(_ line: some StringProtocol) -> [String] {
  var fields = [""]
  var isQuoted = false
  for character in line {
    if character == "\"" {
      isQuoted.toggle()
    } else if character == "," && !isQuoted {
      fields.append("")
    } else {
      fields[fields.count - 1].append(character)
    }
  }
  return fields
}
