/// What every reader of text takes without a fault.
enum Seeds {
  static let interactions = """
    USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE
    c0,i0,1420070400,view,1.5
    c0,i1,1422748800,dropped,
    "c,1",i2,1425168000,buy,2

    """

  static let answers = #"""
    {"recommendation_id":"r1","user_id":"u","time_ms":5,"model_version":"hrnn-0001","item_ids":["a","b"],"scores":[0.5,null],"propensities":[1,0.25],"explored":true,"exploration_weight":0.3,"candidates":[{"item_id":"c","propensity":0.7,"score":0.4},{"item_id":"b","propensity":0.25,"matching_probability":0.2},{"item_id":"d","propensity":0.05,"matching_probability":0}],"events":[{"item_id":"b","type":"accepted","value":7}]}
    {"recommendation_id":"r2","user_id":"v","time_ms":6,"item_ids":[]}
    {"recommendation_id":"r3","user_id":"u","time_ms":7,"item_ids":["b","a"],"experiment":"e","arm":"x"}

    """#

  private static let panel = """
    fecha_dato,ncodpers,ind_empleado,age,fecha_alta,antiguedad,renta,segmento,ind_nuevo,ind_actividad_cliente,ind_cco_fin_ult1,ind_recibo_ult1
    2016-01-28,15889,N, 35,2015-01-12,6,87218.1,02 - PARTICULARES,0,1,1,0
    2016-02-28,15889,N, 35,2015-01-12,7,NA,02 - PARTICULARES,0.0,1,1,1
    2016-02-28,15890,"F",NA,,-999999,,,1,0,,0

    """

  private static let texts: [(Reader, String)] = [
    (.santander, panel), (.archive, panel), (.interactions, interactions),
    (.users, "USER_ID,AGE,TAGS\nc0,31,a|b\nc9,,\n"),
    (.items, "ITEM_ID,TITLE,CREATION_TIMESTAMP,PRICE\ni0,The x,50,1.5\ni7,,,\n"),
    (.answers, answers),
    (
      .events,
      #"{"event_id":"1","recommendation_id":"r1","item_id":"b","type":"accepted","value":2}"# + "\n"
        + #"{"recommendation_id":"r3","type":"shown"}"# + "\n"
    ),
    (.scores, "customer,i0,i2\nc0,1,-2.5\nc3,1e3,0\n"),
    (.probabilities, "customer,i0,i1,i2,i3\nc1,0,0.5,1,1e-9\n"),
    (.heldOut, "USER_ID,ITEM_ID,TIMESTAMP\nc0,i1,1422403200\nc1,\"i2\",5\n"),
    (.sessions, "i0 i1 i2\ti3\ni2\ti0\n"),
    (.hazards, "customer,i0,i1,i2,i3\nc1,0,0.5,1,0.25\nc2,0,0,0,0\n"),
  ]

  /// A gzip and a zip file of a small panel.
  private static let archives: [[UInt8]] = [
    hexadecimal(
      "1f8b08000000000002034b4b4dce488c4f492cc9d7c94bce4f29482d2ad6c9cc4b894f8c2fcd2931e4323230"
        + "34d33530d435b2d031d781718d205c032e00c4c4f8323d000000"),
    hexadecimal(
      "504b030414000000080000002100c4c4f832340000003d00000005000000702e6373764b4b4dce488c4f492c"
        + "c9d7c94bce4f29482d2ad6c9cc4b894f8c2fcd2931e432323034d33530d435b2d031d781718d205c032e0050"
        + "4b0102140314000000080000002100c4c4f832340000003d0000000500000000000000000000008001000000"
        + "00702e637376504b0506000000000100010033000000570000000000"),
  ]

  private static func hexadecimal(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }

  static var all: [(name: String, bytes: [UInt8])] {
    var seeds: [(name: String, bytes: [UInt8])] = []
    for (reader, text) in texts {
      for variant in 0..<4 as Range<UInt8> {
        seeds.append(("\(reader)-\(variant)", [reader.rawValue, variant] + text.utf8))
      }
    }
    for (number, bytes) in archives.enumerated() {
      seeds.append(("archive-file-\(number)", [Reader.archive.rawValue, 0] + bytes))
    }
    return seeds
  }
}
