internal import CRecommenderMessages
internal import NIOCore

/// Status: a request without fields, and the numbers.
enum StatusCodec {
  static func checkRequest(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) {
    arena.reset()
    _ = try arena.unpack(Teller__V1__StatusRequest.self, TELLER_STATUS_REQUEST, payload)
  }

  static func writeResponse(
    _ report: StatusReport, _ header: FrameHeader, arena: MessageArena, maxFrameBytes: Int,
    into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    var response = Teller__V1__StatusResponse()
    teller__v1__status_response__init(&response)
    response.status = Teller__V1__ServingStatus(rawValue: report.status.rawValue)
    response.uptime_ms = report.uptimeMilliseconds
    response.server_version = try arena.text(report.serverVersion, field: "server_version")
    response.model_version = try arena.text(report.modelVersion, field: "model_version")
    let samples = report.samples
    let messages = try arena.list(of: Teller__V1__MetricSample.self, count: samples.count)
    let pointers = try arena.list(
      of: UnsafeMutablePointer<Teller__V1__MetricSample>?.self, count: samples.count)
    for (index, sample) in samples.enumerated() {
      teller__v1__metric_sample__init(messages + index)
      messages[index].name = try arena.text(sample.name, field: "name")
      messages[index].value = sample.value
      messages[index].n_labels = sample.labels.count
      messages[index].labels = try labels(sample.labels, arena: arena)
      pointers[index] = messages + index
    }
    response.n_samples = samples.count
    response.samples = pointers
    try output.writeMessageFrame(header, &response, maxFrameBytes: maxFrameBytes)
  }

  private static func labels(
    _ labels: [StatusSample.Label], arena: MessageArena
  ) throws(RPCError) -> UnsafeMutablePointer<UnsafeMutablePointer<Teller__V1__MetricLabel>?> {
    let messages = try arena.list(of: Teller__V1__MetricLabel.self, count: labels.count)
    let pointers = try arena.list(
      of: UnsafeMutablePointer<Teller__V1__MetricLabel>?.self, count: labels.count)
    for (index, label) in labels.enumerated() {
      teller__v1__metric_label__init(messages + index)
      messages[index].name = try arena.text(label.name, field: "labels.name")
      messages[index].value = try arena.text(label.value, field: "labels.value")
      pointers[index] = messages + index
    }
    return pointers
  }

  static func decodeResponse(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> StatusReport {
    arena.reset()
    let response = try arena.unpack(
      Teller__V1__StatusResponse.self, TELLER_STATUS_RESPONSE, payload
    ).pointee
    guard let status = ServingStatus(rawValue: response.status.rawValue) else {
      throw RPCError(
        code: .unknown, message: "the server answered status \(response.status.rawValue)")
    }
    let samples = (0..<response.n_samples).compactMap { index -> StatusSample? in
      guard let sample = response.samples[index]?.pointee else { return nil }
      let labels = (0..<sample.n_labels).compactMap { place -> StatusSample.Label? in
        guard let label = sample.labels[place]?.pointee else { return nil }
        return StatusSample.Label(
          name: String(message: label.name), value: String(message: label.value))
      }
      return StatusSample(name: String(message: sample.name), labels: labels, value: sample.value)
    }
    return StatusReport(
      status: status, uptimeMilliseconds: response.uptime_ms,
      serverVersion: String(message: response.server_version),
      modelVersion: String(message: response.model_version), samples: samples)
  }
}
