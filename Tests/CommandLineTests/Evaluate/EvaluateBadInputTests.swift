internal import Foundation
internal import TestSupport
internal import Testing

/// Whatever is wrong is said in one clear line with an exit code, before anything is trained.
struct EvaluateBadInputTests {
  private let shop: EvaluationWorkspace

  init() throws { shop = try .shop() }

  private func expectFailure(
    _ arguments: [String], code: Int32, saying text: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let run = try shop.attempt(["evaluate"] + arguments)
    #expect(run.exitCode == code, "\(run.errors)", sourceLocation: sourceLocation)
    let lines = run.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(run.errors)", sourceLocation: sourceLocation)
    #expect(run.errors.contains(text), "\(run.errors)", sourceLocation: sourceLocation)
    #expect(run.output.isEmpty, sourceLocation: sourceLocation)
  }

  @Test func optionsOutOfRangeAreNamed() throws {
    let last = ["--protocol", "leave-last-out"]
    try expectFailure(last + ["--k", "13"], code: 64, saying: "--k is 13, it must be from 1 to 12")
    try expectFailure(last + ["--k", "0"], code: 64, saying: "--k is 0")
    for cutoffs in ["13", "0", "3,", "x", "3;5"] {
      try expectFailure(last + ["--cutoffs", cutoffs], code: 64, saying: "--cutoffs is ")
    }
    for count in ["1", "99", "10001"] {
      try expectFailure(last + ["--bootstrap", count], code: 64, saying: "--bootstrap is \(count)")
    }
    try expectFailure(["--months", "0"], code: 64, saying: "--months is 0")
    try expectFailure(
      ["--protocol", "random-holdout", "--holdout-share", "0.95"], code: 64,
      saying: "--holdout-share is 0.95, it must be above 0 and at most 0.9")
    try expectFailure(
      last + ["--against", "nobody"], code: 64,
      saying: "--against is nobody, it must be one of sims, popularity, random, item-knn")
    try expectFailure(last + ["--slice", "age"], code: 64, saying: "no attribute \"age\"")
    // At their limits they are taken.
    try shop.run(["evaluate", "--k", "12", "--cutoffs", "1,12", "--bootstrap", "100"] + last)
  }

  @Test func optionsOfOtherProtocolsAreRefused() throws {
    let file = try shop.write("any.txt", "u1 i1\n")
    for arguments in [
      ["--negatives", file], ["--test", file], ["--holdout-share", "0.3"],
      ["--protocol", "personalize", "--months", "2"],
      ["--protocol", "given-test", "--test", file, "--negatives", file],
    ] {
      try expectFailure(arguments, code: 64, saying: "it must be left out with --protocol")
    }
    for name in ["given-test", "session-prefix"] {
      try expectFailure(
        ["--protocol", name], code: 64, saying: "--test is not given, it must be a file for \(name)"
      )
    }
  }

  @Test func linesThatCannotBeUsedAreNamed() throws {
    let given = ["--protocol", "given-test", "--test"]
    let sessions = ["--protocol", "session-prefix", "--test"]
    let negatives = ["--protocol", "leave-last-out", "--negatives"]
    let cases: [([String], String, String)] = [
      (given, "USER_ID,ITEM_ID\nu1,i2\nu1,i99\n", ":3: item \"i99\" is not in the catalogue"),
      (given, "USER_ID,ITEM_ID\nnobody,i2\n", ":2: customer \"nobody\" is not in the dataset"),
      (given, "USER,ITEM\n", ":1: the header names no USER_ID and ITEM_ID"),
      (given, "USER_ID,ITEM_ID\nu1\n", ":2: 1 fields, the header has 2"),
      (given, "USER_ID,ITEM_ID\n", "has no rows"), (given, "", "is empty"),
      (sessions, "i1\ti2\n\ni1 i2\n", ":3: expected item ids parted by spaces, a TAB"),
      (sessions, "i1 i98\ti2\n", ":1: item \"i98\""), (sessions, "i1\ti98\n", ":1: item \"i98\""),
      (sessions, "\n", "is empty"),
      (negatives, "u1 i2\nu2\n", ":2: expected a customer and items"),
      (
        negatives, "u1 i77 i88\nu2 i99\n",
        ":1: item \"i77\" is not in the catalogue, nor are 2 more items of the file"
      ),
      (negatives, "u99 i1\n", ":1: customer \"u99\""),
      (negatives, "u1 i1\nu1 i2\n", ":2: customer \"u1\" has a line already"),
      (negatives, "u0 i1\n", "no line for a customer with two different items"),
    ]
    for (arguments, text, message) in cases {
      let path = try shop.write("case.txt", text)
      try expectFailure(arguments + [path], code: 65, saying: message)
    }
    try expectFailure(
      given + [shop.folder.file("absent")], code: 66, saying: "absent: cannot be read")
    try expectFailure(given + [shop.folder.path], code: 66, saying: "cannot be read")
  }

  @Test func splitsThatLeaveNothingAreErrors() throws {
    // All of the shop happens in one month.
    try expectFailure([], code: 65, saying: "the split leaves nobody to evaluate")
    let path = try shop.write("few.csv", "USER_ID,ITEM_ID,TIMESTAMP\na,x,1\nb,y,2\n")
    try shop.run("import", "interactions", "--interactions", path)
    try shop.run("train", "popularity")
    for name in ["leave-last-out", "random-holdout", "personalize"] {
      try expectFailure(
        ["--protocol", name, "--model", "popularity"], code: 65,
        saying: "the split leaves nobody to evaluate")
    }
  }

  @Test func moreMonthsThanThereAreAreAnErrorBeforeAnyWork() throws {
    let bank = try EvaluationWorkspace.bank(customers: 40, months: 3)
    let run = try bank.attempt(["evaluate", "--months", "3"])
    #expect(run.exitCode == 65)
    #expect(run.errors.contains("the dataset spans 3 month(s), holding out needs 4"))
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    let slice = try bank.attempt(["evaluate", "--slice", "height"])
    #expect(slice.exitCode == 64)
    #expect(slice.errors.contains("no attribute \"height\"; there are: "))
    #expect(slice.errors.contains("segmento"))
  }

  @Test(arguments: ["--csv", "--html", "--dump"])
  func outputsThatCannotBeWrittenAreSaidFirst(option: String) throws {
    let base = ["--protocol", "leave-last-out", option]
    try expectFailure(base + ["/no/such/folder/out"], code: 73, saying: "/no/such/folder/out")
    try expectFailure(base + [shop.folder.path], code: 73, saying: "it is a folder")
    let twins = shop.folder.file("workspace/models/sims-0001/twins")
    #expect(!FileManager.default.fileExists(atPath: twins))
  }

  /// A file that was there stays when the evaluation fails.
  @Test func aFailedEvaluationLeavesTheOldFiles() throws {
    let path = try shop.write("old.jsonl", "old")
    try expectFailure(
      ["--dump", path], code: 65, saying: "the split leaves nobody to evaluate")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    let names = try FileManager.default.contentsOfDirectory(atPath: shop.folder.path)
    #expect(!names.contains { $0.contains("partial") })
  }

  /// One customer, one item to find: figures are numbers in every output.
  @Test func theSmallestEvaluationHasNumbersOnly() throws {
    let path = try shop.write("tiny.csv", "USER_ID,ITEM_ID,TIMESTAMP\na,x,1\na,y,2\nb,y,3\n")
    try shop.run("import", "interactions", "--interactions", path)
    try shop.run("train", "popularity")
    let (csv, html) = (shop.folder.file("t.csv"), shop.folder.file("t.html"))
    let run = try shop.run(
      "evaluate", "--protocol", "leave-last-out", "--model", "popularity", "--k", "1", "--csv",
      csv, "--html", html)
    for text in [
      run.output, try String(contentsOfFile: csv, encoding: .utf8),
      try String(contentsOfFile: html, encoding: .utf8),
    ] {
      for word in ["nan", "inf", "null"] {
        let numbers = text.split { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "." }
        #expect(!numbers.contains { $0.lowercased() == word }, "\(word)")
      }
    }
    #expect(run.json.models["popularity"]?["recall_at_1"] == 1)
  }
}
