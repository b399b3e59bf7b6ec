/// What the plain HTTP port answers, to every client and without a key.
public enum PlainPath: String, CaseIterable, Sendable {
    /// Where the node is, and which key it claims to have.
    case bootstrap = "/bootstrap"
    /// Whether the process answers.
    case health = "/healthz"
    /// Whether the node serves.
    case readiness = "/readyz"
    /// Prometheus' text format.
    case metrics = "/metrics"
}
