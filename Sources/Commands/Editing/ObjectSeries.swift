import Contract
import JSONText
import Manifest
import Primitives

/// Writes objects one after the other and stops at the first failure, for `create` and `replace`.
///
/// Each object is a write of its own: the API records sets as one entry only where nothing depends on what is there.
struct ObjectSeries {
    enum Verb: String {
        /// Each object must not be there.
        case create
        /// Each object must be there.
        case replace

        var done: String { rawValue + "d" }
        /// As kubectl's errors say what was tried.
        var trying: String { self == .create ? "creating" : "replacing" }
    }

    let verb: Verb
    let client: ClusterClient
    let options: WriteOptions
    let dryRun: DryRun
    let format: OutputFormat

    func run(_ documents: [ManifestDocument]) async throws {
        guard options.requestID == nil || documents.count == 1 else {
            throw CommandFailure.error("--request-id is for one object; found \(documents.count)")
        }
        let world = client.world
        var answers: [JSON] = []
        for (position, document) in documents.enumerated() {
            do {
                answers.append(try await write(document, isAlone: documents.count == 1))
            } catch let failure as CommandFailure {
                try print(answers, isOne: false)
                throw failure.text.isEmpty || documents.count == 1
                    ? failure : CommandFailure(text: failure.text + "\n" + rest(documents, from: position))
            }
            if format == .table {
                try world.output.line("\(document.key.resourceName) \(verb.done)\(dryRun.suffix)")
            }
        }
        try print(answers, isOne: documents.count == 1)
    }

    private func print(_ answers: [JSON], isOne: Bool) throws {
        guard format != .table, !answers.isEmpty else { return }
        let printer = ObjectOutput(format: format, world: client.world)
        if isOne { try printer.print(answers[0]) } else { try printer.print(list: answers) }
    }

    private func write(_ document: ManifestDocument, isAlone: Bool) async throws -> JSON {
        let kind = try KindInfo.parse(document.key.kind)
        let key = document.key
        let path =
            verb == .create
            ? ResourcePath.collection(kind, namespace: key.namespace)
            : ResourcePath.object(kind, namespace: key.namespace, name: key.name)
        let method = verb == .create ? "POST" : "PUT"
        let write =
            isAlone
            ? try await ClusterWrite(client, options)
            : ClusterWrite(
                client,
                reference: RequestReference(
                    random: client.world.randomBytes(16), baseRevision: try await client.knownRevision()))
        do throws(ClientFailure) {
            return try await client.connection.send(
                method, path, query: dryRun.query, body: document.json, contentType: nil, request: write.reference)
        } catch {
            if error.isOutcomeUnknown {
                // The repetition of a command for several objects would not be one write.
                throw CommandFailure(
                    text: isAlone
                        ? write.explanation(of: error)
                        : "error: outcome unknown: \(key.resourceName) may still be \(verb.done) (\(error.brief))")
            }
            throw CommandFailure(text: text(of: error, for: document))
        }
    }

    private func text(of failure: ClientFailure, for document: ManifestDocument) -> String {
        guard case .status(let status) = failure, status.reason.word != APIStatus.Reason.invalid.word else {
            return failure.text
        }
        return "Error from server (\(status.reason.word.harmless)): error when \(verb.trying) "
            + "\"\(document.source.harmless)\": \(status.headline)"
    }

    /// What was done, and what was not.
    private func rest(_ documents: [ManifestDocument], from position: Int) -> String {
        let listed = documents[position...].prefix(20).map(\.key.resourceName).joined(separator: ", ")
        let others = documents.count - position - 20
        return "\(position) of \(documents.count) \(verb.done)\(dryRun.suffix); not \(verb.done): \(listed)"
            + (others > 0 ? " and \(others) more" : "")
    }
}
