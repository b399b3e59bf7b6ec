public import JSONText
import Primitives

/// What a set of sources holds, and everything that is wrong or doubtful in it.
public struct ManifestInspection: Sendable {
    /// Those that are valid.
    public let documents: [ManifestDocument]
    /// Empty if all of the set is valid; at most 1,000.
    public let errors: [ManifestError]
    /// Errors beyond those listed.
    public let omitted: Int
    /// Names of objects that the set does not declare. None while there are errors: what could not be read may declare
    /// them. At most 1,000.
    public let warnings: [ManifestWarning]
    /// Warnings beyond those listed.
    public let omittedWarnings: Int

    public init(
        documents: [ManifestDocument], errors: [ManifestError], omitted: Int, warnings: [ManifestWarning],
        omittedWarnings: Int
    ) {
        self.documents = documents
        self.errors = errors
        self.omitted = omitted
        self.warnings = warnings
        self.omittedWarnings = omittedWarnings
    }
}

/// What may be right in a document, but only together with something that is not there to be seen.
public struct ManifestWarning: Hashable, Sendable, CustomStringConvertible {
    /// What kind of thing, in the style of `causes[].reason` in an API `Status`.
    public enum Reason: String, Hashable, Sendable {
        /// The field names an object that no document declares.
        case referenceNotFound = "ReferenceNotFound"
    }

    /// The file, or whatever the source was called.
    public let source: String
    public let position: JSONPosition?
    /// The object that has the field.
    public let object: ObjectKey
    public let path: JSONPath
    public let reason: Reason
    /// What is the matter, and what to do about it.
    public let detail: String

    fileprivate var place: (line: Int, column: Int) { (position?.line ?? 0, position?.column ?? 0) }

    /// `spec.boot.kernel: no document declares the Image "linux"`, without source and position.
    public var message: String { "\(path): \(detail)" }

    /// `vms.yaml:12:7: VirtualMachine default/web: spec.boot.kernel: no document declares the ...`.
    public var description: String {
        let place = source + (position.map { ":\($0)" } ?? "")
        return "\(place): \(object): \(message)"
    }
}

extension ManifestReader {
    /// The documents of all sources with everything that ``read(_:)`` would refuse, and the names in them of objects
    /// that neither they nor `assumed` have.
    ///
    /// - Parameter assumed: Nil to look at no names.
    public func inspect(_ sources: [ManifestSource], assuming assumed: AssumedObjects?) -> ManifestInspection {
        var log = ErrorLog()
        var candidates: [Candidate] = []
        let documents = documents(in: sources, log: &log) { candidates.append($0) }
        guard log.isEmpty, let assumed else {
            return ManifestInspection(
                documents: documents, errors: log.errors, omitted: log.omitted, warnings: [], omittedWarnings: 0)
        }
        let declared = Set(documents.map(\.key))
        var warnings: [ManifestWarning] = []
        var omitted = 0
        for (document, candidate) in zip(documents, candidates) {
            let missing = document.references.filter {
                !declared.contains($0.target) && !assumed.contains($0.target)
            }
            let listed = missing.prefix(Self.listedErrors - warnings.count)
            omitted += missing.count - listed.count
            let located = listed.map { Self.missing($0, of: document, candidate, among: declared) }
            warnings += located.sorted { $0.place < $1.place }
        }
        return ManifestInspection(
            documents: documents, errors: [], omitted: 0, warnings: warnings, omittedWarnings: omitted)
    }

    private static func missing(
        _ reference: ManifestReference, of document: ManifestDocument, _ candidate: Candidate,
        among declared: Set<ObjectKey>
    ) -> ManifestWarning {
        let target = reference.target
        let others = declared.filter { $0.kind == target.kind && $0.namespace == target.namespace }.map(\.name).sorted()
        let hint = EditDistance.nearest(to: target.name, among: others).map { "; did you mean \"\($0)\"?" } ?? ""
        return ManifestWarning(
            source: candidate.sourceName, position: candidate.position(of: reference.path, atKey: false),
            object: document.key, path: reference.path, reason: .referenceNotFound,
            detail: "no document declares the \(target.kind) \"\(target.name)\"\(hint)")
    }
}
