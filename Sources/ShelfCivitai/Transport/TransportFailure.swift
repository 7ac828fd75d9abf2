/// Why an exchange brought no answer.
public struct TransportFailure: Error, Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// The host's name has no address.
        case resolve
        /// Nobody takes the connection.
        case connect
        case connectTimeout
        /// No answer, or not the whole of it, in the time allowed.
        case timeout
        /// The answer began and then hardly moved.
        case stalled
        /// The connection broke while sending or receiving.
        case reset
        /// The body is shorter than announced, or its compression is damaged.
        case truncated
        /// What came is not HTTP.
        case malformed
        /// TLS could not be agreed on.
        case tls
        /// The server's certificate is not trusted.
        case certificate
        /// There is no file of trusted certificates, or it cannot be read.
        case certificateFile
        case proxy
        case tooLarge
        case cancelled
        case other
    }

    public let kind: Kind
    /// curl's words, secrets struck out; empty when the kind says it all.
    public let detail: String

    public init(_ kind: Kind, _ detail: String = "") {
        self.kind = kind
        self.detail = Redaction.text(detail)
    }
}
