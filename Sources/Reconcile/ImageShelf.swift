/// Which images this node holds, by the name of the `Image` object.
public struct ImageShelf: Equatable, Sendable {
    public enum Holding: Equatable, Sendable {
        /// There is no `Image` of that name.
        case unknown
        /// It is not here yet, and nobody is fetching it.
        case absent
        case fetching
        /// It is here, checked against its digest.
        case held(path: String, format: Format, bytes: Int64)
        /// It could not be had; tried again later.
        case failed(message: String)
    }

    public enum Format: String, Equatable, Sendable {
        case raw
        case qcow2
        case kernel
        case initrd
    }

    public var holdings: [String: Holding]

    public init(holdings: [String: Holding] = [:]) {
        self.holdings = holdings
    }

    public subscript(name: String) -> Holding { holdings[name] ?? .unknown }
}
