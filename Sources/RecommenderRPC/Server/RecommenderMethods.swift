/// The methods a recommender answers, as the server calls them.
///
/// All calls come on the event loop the object was made for, one after another; the object needs no
/// locks for what only these calls touch. Whatever takes longer than a few microseconds delays
/// every connection of the loop.
public protocol RecommenderMethods: AnyObject {
  /// Hears which customers are probably asked about next, some at once, so that what is known of
  /// them can be brought near. It may change no answer: the requests have not been checked yet.
  ///
  /// - Parameter userIDs: identifiers as they came, at most 32, valid only during the call.
  func anticipate(_ userIDs: UnsafeBufferPointer<UnsafeRawBufferPointer>)

  /// Fills `answer` with products for a customer, best first, at most `request.count`.
  ///
  /// The answer comes empty, with the catalogue of the previous answer. Views into the request are
  /// valid only during the call. A thrown error becomes the status of the answer.
  func recommend(
    _ request: borrowing RecommendRequestView, into answer: inout RankedItemsAnswer
  ) throws(RPCError)

  /// Fills `answer` with products that go together with one product, at most `request.count`.
  func similarItems(
    _ request: borrowing SimilarItemsRequestView, into answer: inout RankedItemsAnswer
  ) throws(RPCError)

  /// Decodes 1 to 1000 events, stores them and then calls `completion` with one outcome for each, in
  /// order, or with what decoding threw.
  ///
  /// The completion may be called during this call or later, from any thread.
  func feedback(_ request: FeedbackRequest, completion: FeedbackCompletion)

  /// Puts 1 to 1000 products into the catalogue and then calls `completion` with one outcome for
  /// each, in order.
  ///
  /// The completion may be called during this call or later, from any thread.
  func putItems(_ items: [PutItem], completion: PutItemsCompletion)

  /// Finds the record of an answer and then calls `completion` with it alone, or with NOT_FOUND.
  ///
  /// The completion may be called during this call or later, from any thread.
  func getRecommendation(_ recommendationID: String, completion: RecommendationsCompletion)

  /// Finds the answers to a customer and then calls `completion` with them, newest first.
  ///
  /// The completion may be called during this call or later, from any thread.
  func listRecommendations(_ query: RecommendationQuery, completion: RecommendationsCompletion)

  /// Says whether the service is well.
  func health() -> HealthAnswer

  /// Describes the catalogue and the models.
  func describe() -> DescribeAnswer

  /// The numbers an operator watches. May take some hundred microseconds: nobody asks often.
  func status() -> [StatusSample]

  /// Changes the models and then calls `completion` with one outcome.
  ///
  /// The completion may be called during this call or later, from any thread.
  func updateModels(_ update: ModelUpdate, completion: ModelUpdateCompletion)
}

extension RecommenderMethods {
  /// Does nothing.
  public func anticipate(_ userIDs: UnsafeBufferPointer<UnsafeRawBufferPointer>) {}

  /// None: this service counts nothing.
  public func status() -> [StatusSample] { [] }

  /// Refuses: the models of this service stay as they are.
  public func updateModels(_ update: ModelUpdate, completion: ModelUpdateCompletion) {
    completion(
      .failure(
        RPCError(
          code: .unimplemented, message: "the models of this service stay as they are")))
  }

  /// Refuses: this service keeps no record.
  public func getRecommendation(
    _ recommendationID: String, completion: RecommendationsCompletion
  ) {
    completion(.failure(.noRecord))
  }

  /// Refuses: this service keeps no record.
  public func listRecommendations(
    _ query: RecommendationQuery, completion: RecommendationsCompletion
  ) {
    completion(.failure(.noRecord))
  }

  /// Refuses: the catalogue of this service does not grow.
  public func putItems(_ items: [PutItem], completion: PutItemsCompletion) {
    completion(
      .failure(
        RPCError(code: .unimplemented, message: "the catalogue of this service does not grow")))
  }
}

extension RPCError {
  /// What a service without a log of recommendations answers.
  public static var noRecord: RPCError {
    RPCError(code: .failedPrecondition, message: "this service keeps no record of its answers")
  }
}
