internal import NIOCore

extension RPCClient {
  /// Recommends for 1 to 10,000 customers; the answers come as they are read. `timeout` is for all
  /// of them.
  public func recommendMany(
    _ request: RecommendManyRequest, timeout: Duration? = .seconds(60)
  ) -> RecommendationStream {
    let eventLoop = channel.eventLoop
    let handler = handler
    let maxFrameBytes = maxFrameBytes
    let trace = RPCTrace.current
    let call = NIOLoopBoundBox.makeBoxSendingValue(StreamCall(), eventLoop: eventLoop)
    let inbox = StreamInbox(
      grant: { count in
        eventLoop.execute {
          if let requestID = call.value.requestID { handler.value.grant(count, to: requestID) }
        }
      },
      giveUp: {
        eventLoop.execute {
          call.value.isGivenUp = true
          if let requestID = call.value.requestID {
            handler.value.giveUp(requestID, CallCancellation.error)
          }
        }
      })
    eventLoop.execute { [weak inbox] in
      // Nobody may be left to read already.
      guard !call.value.isGivenUp else {
        inbox?.finish(.failure(CallCancellation.error))
        return
      }
      call.value.requestID = handler.value.call(
        .recommendMany, timeout: timeout, trace: trace,
        encode: { header, arena, output throws(RPCError) in
          try RecommendManyCodec.writeRequest(
            request, header, arena: arena, maxFrameBytes: maxFrameBytes, into: &output)
        },
        receiver: { payload, arena in
          do throws(RPCError) {
            inbox?.receive(try RankedItemsClientCodec.decodeRecommend(payload, arena: arena))
          } catch {
            inbox?.finish(.failure(error))
            if let requestID = call.value.requestID { handler.value.giveUp(requestID, error) }
          }
        },
        completion: { result, arena in
          do throws(RPCError) {
            inbox?.finish(
              .success(try RecommendManyCodec.decodeResponse(try result.get(), arena: arena)))
          } catch {
            inbox?.finish(.failure(error))
          }
        })
    }
    return RecommendationStream(inbox: inbox)
  }

  private struct StreamCall {
    var requestID: UInt32?
    var isGivenUp = false
  }
}

/// What a call ends with when its task is cancelled.
enum CallCancellation {
  static let error = RPCError(code: .cancelled, message: "the calling task was cancelled")
}
