import ArgumentParser
import Contract
import JSONText
import Manifest
import Primitives

/// One object in an editor: opened until its text is recorded, given up or failed.
struct EditingSession {
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case yaml
        case json
    }

    private let kind: KindInfo
    private let key: ObjectKey
    private let form: Form
    private let client: ClusterClient
    private let file: EditedFile
    private let editor: String
    /// What is shown first.
    private let shown: String
    /// What the person's changes are compared with.
    private var base: LiveManifest

    private var world: World { client.world }

    init(of object: JSON, kind: KindInfo, key: ObjectKey, form: Form, client: ClusterClient) throws {
        self.kind = kind
        self.key = key
        self.form = form
        self.client = client
        base = try LiveManifest(object)
        let whole = Self.editable(object, base.document)
        shown = form == .json ? whole.prettyText : YAMLText.render(whole)
        let world = client.world
        editor = world.variable("BLIXARD_EDITOR") ?? world.variable("EDITOR") ?? "vi"
        file = try EditedFile(
            named: "\(kind.singular)-\(key.name).\(form.rawValue)", under: world.variable("TMPDIR") ?? "/tmp")
    }

    /// The object as a person may change it: with its defaults, and without what the cluster writes.
    private static func editable(_ object: JSON, _ document: ManifestDocument) -> JSON {
        var whole = document.json
        whole["spec"] = object["spec"] ?? [:]
        return whole
    }

    mutating func run() async throws {
        var text = shown
        var problems: [String] = []
        while true {
            try file.write(comments(problems) + text)
            try await openEditor()
            let edited = try file.read(form)
            if edited.allSatisfy(\.isWhitespace) { return try cancel("saved file was empty.") }
            if edited == text {
                if problems.isEmpty { return try cancel("no changes made.") }
                throw kept("error: Edit cancelled, no valid changes were saved.")
            }
            text = edited
            do {
                let document = try document(of: edited)
                if document.json == base.document.json { return try cancel("no changes made.") }
                try await record(document)
                file.remove()
                return try world.output.line("\(key.resourceName) edited")
            } catch let failure as CommandFailure {
                problems = failure.text.split(separator: "\n").map(String.init)
            }
        }
    }

    private func cancel(_ why: String) throws {
        file.remove()
        try world.output.line("Edit cancelled, \(why)")
    }

    private func comments(_ problems: [String]) -> String {
        var lines = [
            "Please edit the object below. Lines beginning with a '#' at the top will be ignored,",
            "and an empty file will abort the edit. If an error occurs while saving, this file will be",
            "reopened with the relevant failures.",
        ]
        if !problems.isEmpty { lines += [""] + problems }
        return (lines + [""]).map { $0.isEmpty ? "#\n" : "# \($0.harmless)\n" }.joined()
    }

    private func openEditor() async throws {
        let ending: ProcessEnding
        do throws(FileFailure) {
            ending = try await world.processes.runInForeground(
                editor, arguments: [file.path], environment: world.environment)
        } catch {
            throw kept("error: \(error)")
        }
        guard ending.isClean else {
            throw kept("error: there was a problem with the editor \"\(editor.harmless)\": \(ending.text)")
        }
    }

    /// What the text says; it must be the same object.
    ///
    /// - Throws: ``CommandFailure`` with what is wrong, for the person to mend.
    private func document(of text: String) throws -> ManifestDocument {
        let sources = try EditedText(Array(text.utf8), name: "the file").sources()
        let documents: [ManifestDocument]
        do throws(ManifestErrors) {
            documents = try ManifestReader(namespace: KindInfo.defaultNamespace, namespaceIsBinding: false)
                .read(sources)
        } catch {
            throw CommandFailure(lines: ["\(key.qualifiedName) was not valid:"] + error.errors.map { "* \($0)" })
        }
        guard documents.count == 1, documents[0].key == key else {
            let found = documents.map { "\($0.key)" }.joined(separator: ", ")
            throw CommandFailure(lines: [
                "the file must hold \(key) and nothing else: found \(found.isEmpty ? "nothing" : found)"
            ])
        }
        return documents[0]
    }

    private static let attempts = 6

    /// Records the changes, on what others have made of the object meanwhile.
    ///
    /// - Throws: ``CommandFailure`` with what is wrong with the object, for the person to mend; ``EditFailure`` when
    ///   nothing can be mended in the text.
    private mutating func record(_ edited: ManifestDocument) async throws {
        let mine = base.document.json.mergePatch(to: edited.json)
        for _ in 0..<Self.attempts {
            var body = base.document.json.applying(mergePatch: mine)
            body["metadata"]?["resourceVersion"] = .string(base.version)
            body["metadata"]?["uid"] = .string(base.uid)
            let reference = RequestReference(
                random: world.randomBytes(16), baseRevision: UInt64(base.version))
            do throws(ClientFailure) {
                _ = try await client.connection.send(
                    "PUT", ResourcePath.object(kind, namespace: key.namespace, name: key.name), query: [], body: body,
                    contentType: nil, request: reference)
                return
            } catch {
                if error.isConflict {
                    try await takeOver(mine, error)
                    continue
                }
                if error.isOutcomeUnknown {
                    throw kept("error: outcome unknown: the changes may still take effect (\(error.brief))")
                }
                let words = [APIStatus.Reason.invalid, .badRequest].map(\.word)
                guard let reason = error.reason?.word, words.contains(reason) else { throw kept(error.text) }
                throw CommandFailure(text: error.text)
            }
        }
        throw kept("error: \(Self.attempts) attempts met a change of another; nothing was recorded")
    }

    /// Takes the object as it is now for the base, if no other changed what the person changed.
    private mutating func takeOver(_ mine: JSON, _ conflict: ClientFailure) async throws {
        guard let object = try await client.objectIfThere(kind, namespace: key.namespace, name: key.name) else {
            throw kept("error: \(key.qualifiedName) was deleted meanwhile")
        }
        let now = try LiveManifest(object)
        guard now.uid == base.uid else { throw kept("error: \(key.qualifiedName) was deleted and made anew meanwhile") }
        // It is refused for another reason than a change, such as its deletion.
        guard now.version != base.version else { throw kept(conflict.text) }
        let theirs = base.document.json.mergePatch(to: now.document.json)
        guard !JSON.contradict(mine, theirs) else {
            let changes = KindSchema.of(kind)?.changes(from: base.document.spec, to: now.document.spec) ?? []
            let fields = changes.isEmpty ? "its metadata" : changes.map(\.path.description).joined(separator: ", ")
            throw kept("\(conflict.text)\nanother changed what you changed: \(fields.harmless)")
        }
        base = now
    }

    /// Ends the command with what went wrong, and with where the text is.
    private func kept(_ text: String) -> EditFailure {
        EditFailure(
            failure: CommandFailure(
                text: text + "\nA copy of your changes has been stored to \"\(file.path.harmless)\""))
    }
}

/// An end of an edit that no change of the text can mend.
struct EditFailure: Error {
    let failure: CommandFailure
}

/// An object as it was read: what a manifest of it says, and which one it was.
private struct LiveManifest {
    let document: ManifestDocument
    let version: String
    let uid: String

    init(_ object: JSON) throws {
        guard let version = object.resourceVersion, UInt64(version) != nil, let uid = object.uidText else {
            throw ClientFailure.protocolViolation("\(object.resourceName) has no resourceVersion, or no uid")
        }
        document = try ManifestDocument(live: object)
        self.version = version
        self.uid = uid
    }
}
