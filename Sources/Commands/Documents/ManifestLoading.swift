import Manifest
import Primitives

/// From files to checked documents.
enum ManifestLoading {
    /// All documents of all files; prints everything that is wrong with any of them and throws otherwise.
    ///
    /// - Parameter verb: What was to be done, for the error without any document.
    static func load(
        _ files: ManifestFiles, reader: ManifestReader, verb: String, in world: World
    ) async throws -> [ManifestDocument] {
        let outcome = try await files.read(in: world)
        var problems = outcome.errors
        var omitted = 0
        var documents: [ManifestDocument] = []
        do {
            documents = try reader.read(outcome.sources)
        } catch {
            problems += error.errors
            omitted = error.omitted
        }
        guard problems.isEmpty else {
            let order = Self.order(of: outcome)
            let sorted = problems.enumerated().sorted { left, right in
                let (a, b) = (order[left.element.source] ?? 0, order[right.element.source] ?? 0)
                return a == b ? left.offset < right.offset : a < b
            }.map(\.element)
            throw CommandFailure(text: text(of: sorted, omitted: omitted))
        }
        guard !documents.isEmpty else { throw CommandFailure.error("no objects passed to \(verb)") }
        return documents
    }

    /// The problems file by file, one a line.
    private static func text(of problems: [ManifestError], omitted: Int) -> String {
        let count = problems.count + omitted
        var lines = problems.map { "error: \($0)".harmless }
        if omitted > 0 { lines.append("and \(omitted) more") }
        lines.append("\(count) \(count == 1 ? "error" : "errors"); nothing was changed")
        return lines.joined(separator: "\n")
    }

    private static func order(of outcome: ManifestFiles.Outcome) -> [String: Int] {
        var order: [String: Int] = [:]
        for name in outcome.names where order[name] == nil { order[name] = order.count }
        return order
    }
}
