/// Why a request was not answered: a status code for programs and one line for people.
public struct RPCError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The class of the failure; never `ok`.
  public var code: StatusCode
  /// One line that names what is wrong and, where there is one, the mend. It travels to the caller,
  /// cut to 1024 bytes, so it must hold nothing secret.
  public var message: String

  /// Makes an error; `code` must not be `ok`.
  public init(code: StatusCode, message: String) {
    precondition(code != .ok, "an error cannot have the status OK: \(message)")
    self.code = code
    self.message = message
  }

  /// The code's name and the message.
  public var description: String { "\(code.name): \(message)" }
}

/// An error of another module that knows which status code it is on the wire.
public protocol RPCErrorConvertible: Error {
  /// What the caller is told.
  var rpcError: RPCError { get }
}

extension RPCError: RPCErrorConvertible {
  /// Itself.
  public var rpcError: RPCError { self }
}

extension RPCError {
  /// Turns any error into what the caller is told: its own wish when it has one, else `unknown`
  /// with its description.
  public init(describing error: any Error) {
    if let convertible = error as? any RPCErrorConvertible {
      self = convertible.rpcError
    } else {
      self.init(code: .unknown, message: "\(error)")
    }
  }
}
