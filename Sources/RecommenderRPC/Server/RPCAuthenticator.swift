/// Judges the bearer token a client presents, 1 to 1024 bytes that are valid only during the call;
/// false ends the connection with UNAUTHENTICATED. Called on event loops: it must be quick, and must
/// take the same time whatever the token.
public typealias RPCAuthenticator = @Sendable (_ token: UnsafeRawBufferPointer) -> Bool
