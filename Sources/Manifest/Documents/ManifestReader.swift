import JSONText
import Primitives

/// Reads manifests: whole sets of them, so that everything that is wrong with any of them is said at once.
///
/// A source holds an object, an array of objects, a `List` with `items`, or several of these one after the other. What
/// `get -o json` adds to an object (`status`, `metadata.uid` and the like) is passed over.
public struct ManifestReader: Sendable {
    /// Where namespaced objects go that name no namespace.
    public let namespace: String
    /// Whether objects may name no other namespace than that.
    public let namespaceIsBinding: Bool

    /// The most errors that are listed one by one.
    static let listedErrors = 1000

    public init(namespace: String, namespaceIsBinding: Bool) {
        self.namespace = namespace
        self.namespaceIsBinding = namespaceIsBinding
    }

    /// The documents of all sources in their order, all of them valid and no object twice; or everything that is wrong.
    ///
    /// - Throws: ``ManifestErrors`` with every error of every source; they are counted beyond the first 1,000.
    public func read(_ sources: [ManifestSource]) throws(ManifestErrors) -> [ManifestDocument] {
        var log = ErrorLog()
        let documents = documents(in: sources, log: &log) { _ in }
        try log.finish()
        return documents
    }

    /// The valid documents of all sources, no object twice; what is wrong with the others is in the log.
    ///
    /// - Parameter found: Told where each of the documents stands, in their order.
    func documents(
        in sources: [ManifestSource], log: inout ErrorLog, found take: (Candidate) -> Void
    ) -> [ManifestDocument] {
        var documents: [ManifestDocument] = []
        var places: [ObjectKey: String] = [:]
        for source in sources {
            for found in candidates(in: source, log: &log) {
                guard let document = read(found, log: &log) else { continue }
                if let earlier = places[document.key] {
                    let path = JSONPath(keys: "metadata", "name")
                    let name = Violation.duplicate(path, .string(document.key.name))
                    let detail = "\(name.detail): stands at \(earlier) already"
                    log.add(
                        [Violation(path: path, reason: .duplicate, detail: detail)], in: found,
                        object: document.key.description)
                    continue
                }
                places[document.key] = document.source
                documents.append(document)
                take(found)
            }
        }
        if documents.count > Limits.objectsPerApply {
            let detail = "Too many: \(documents.count): must have at most \(Limits.objectsPerApply) objects"
            log.add(source: sources[0].name, position: nil, path: .root, reason: .tooMany, detail: detail)
        }
        return documents
    }
}

/// The errors found so far, as many as are listed, and the number of the others.
struct ErrorLog {
    private(set) var errors: [ManifestError] = []
    private(set) var omitted = 0

    var isEmpty: Bool { errors.isEmpty }

    /// Adds what is wrong with one document, in the order of its text.
    mutating func add(_ violations: [Violation], in candidate: Candidate, object: String?) {
        let listed = violations.prefix(max(0, ManifestReader.listedErrors - errors.count))
        omitted += violations.count - listed.count
        let located = listed.map { violation in
            ManifestError(
                source: candidate.sourceName, position: candidate.position(of: violation), object: object,
                path: violation.path, reason: violation.reason, detail: violation.detail)
        }
        errors += located.sorted { ($0.position?.offset ?? 0) < ($1.position?.offset ?? 0) }
    }

    mutating func add(
        source: String, position: JSONPosition?, path: JSONPath, reason: ManifestError.Reason, detail: String
    ) {
        guard errors.count < ManifestReader.listedErrors else {
            omitted += 1
            return
        }
        errors.append(
            ManifestError(
                source: source, position: position, object: nil, path: path, reason: reason, detail: detail))
    }

    func finish() throws(ManifestErrors) {
        if !errors.isEmpty { throw ManifestErrors(errors: errors, omitted: omitted) }
    }
}
