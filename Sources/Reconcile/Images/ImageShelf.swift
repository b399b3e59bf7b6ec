/// Which images this node holds, by the name of the `Image` object.
public struct ImageShelf: Equatable, Sendable {
    public enum Holding: Equatable, Sendable {
        /// There is no `Image` of that name.
        case unknown
        /// It is not here yet, and no fetch of it is under way.
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
    /// The digests in hexadecimal digits that the `Image` objects ask for, where they are known. An image is kept in a
    /// file whose name begins with its digest.
    public var digests: [String: String]

    public init(holdings: [String: Holding] = [:], digests: [String: String] = [:]) {
        self.holdings = holdings
        self.digests = digests
    }

    /// Whether a machine that was started with this file of an image would get another one, as soon as that is here.
    func isOther(_ name: String, than path: String) -> Bool {
        if case .held = self[name] { return false }
        guard let digest = digests[name], let file = path.split(separator: "/").last else { return false }
        return !file.hasPrefix(digest)
    }

    public subscript(name: String) -> Holding { holdings[name] ?? .unknown }
}
