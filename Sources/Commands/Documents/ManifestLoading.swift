import Contract
import JSONText
import Manifest
import ManifestFiles
import Primitives

/// From files to checked documents.
enum ManifestLoading {
    /// All documents of all files with everything that is wrong with any of them, file by file.
    ///
    /// - Parameter assumed: Objects that documents may name although no document declares them; nil to look at no names.
    /// - Throws: If a file can't be read at all.
    static func inspect(
        _ files: ManifestArguments, reader: ManifestReader, assuming assumed: AssumedObjects?, in world: World
    ) async throws -> ManifestInspection {
        try await files.read(in: world).inspect(with: reader, assuming: assumed)
    }

    /// The errors file by file, one a line.
    static func text(of checked: ManifestInspection) -> String {
        text(of: checked.errors, omitted: checked.omitted)
    }

    static func text(of problems: [some CustomStringConvertible], omitted: Int) -> String {
        let count = problems.count + omitted
        var lines = problems.map { "error: \($0)".harmless }
        if omitted > 0 { lines.append("and \(omitted) more") }
        lines.append("\(count) \(count == 1 ? "error" : "errors"); nothing was changed")
        return lines.joined(separator: "\n")
    }
}

extension ManifestInspection {
    /// With an error if a node would refuse the documents as one apply only because of their size.
    ///
    /// - Parameter limit: The most bytes of a request's body.
    func checkedForOneApply(limit: Int) -> ManifestInspection {
        guard errors.isEmpty, let first = documents.first else { return self }
        let request = ApplyRequest(
            identity: WriteIdentity(), documents: documents.map(\.json), sources: documents.map(\.source))
        let bytes = request.json.canonicalBytes.count
        guard bytes > limit else { return self }
        let error = ManifestError(
            source: first.source, position: nil, object: nil, path: .root, reason: .tooLong,
            detail: "Too long: \(bytes) bytes in all as one apply: may not be more than \(limit) bytes: apply them "
                + "in several parts")
        return ManifestInspection(
            documents: documents, errors: [error], omitted: 0, warnings: [], omittedWarnings: 0)
    }
}
