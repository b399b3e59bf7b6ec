import ArgumentParser
import Contract
import JSONText
import Manifest
import Primitives

/// `blixard patch`: changes fields of one object.
struct Patch: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch",
        abstract: "Change fields of an object.",
        discussion: """
            A merge patch (RFC 7386) holds the members that change; null takes one away, and lists are replaced whole. A \
            JSON patch (RFC 6902) is a list of operations: add, remove, replace, move, copy, test. Its paths are those \
            that `get -o json` shows, and when one operation fails nothing is changed.

            Examples:
              blixard patch vm web -p '{"spec":{"vcpus":2}}'
              blixard patch vm/web --type=json -p '[{"op":"replace","path":"/spec/memory","value":"1Gi"}]'
              blixard patch node/node-1 --patch-file=patch.yaml --dry-run=server
            """)

    /// What a patch is made of.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case merge
        case json
        /// Named so that its refusal can say why.
        case strategic

        static var allValueStrings: [String] { ["merge", "json"] }
    }

    @Argument(help: ArgumentHelp("TYPE NAME or TYPE/NAME", valueName: "resource"), completion: .objects)
    var resource: [String]

    @Option(
        name: [.customShort("p", allowingJoined: true), .long], parsing: .unconditional,
        help: ArgumentHelp("The patch, as JSON or YAML.", valueName: "text"))
    var patch: String?

    @Option(
        name: .customLong("patch-file"),
        help: ArgumentHelp("A file with the patch, or - for standard input.", valueName: "path"))
    var patchFile: String?

    @Option(help: ArgumentHelp("What the patch is.", valueName: "merge|json"))
    var type: Kind = .merge

    @Option(
        name: .customLong("dry-run"),
        help: ArgumentHelp("server: do everything but record it.", valueName: "none|server"))
    var dryRun: DryRun = .none

    @OptionGroup var outputOptions: OutputOptions
    @OptionGroup var namespaceOptions: NamespaceOptions
    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func run(in world: World) async throws {
        let subject = try ResourceSelection.single(resource)
        guard type != .strategic else {
            throw CommandFailure.error(
                "--type=strategic is not supported: the fields here have no merge strategies; use --type=merge, which "
                    + "replaces lists whole, or --type=json, which changes single elements")
        }
        let format = try outputOptions.format()
        guard !format.isTable || format == .table else {
            throw CommandFailure.error(
                "-o wide is not for patch: it must be name, json, yaml, jsonpath or custom-columns")
        }
        let body = try document(in: world)
        let client = try ClusterClient.open(connectionOptions, in: world)
        let key = subject.kind.key(namespace: namespaceOptions.namespace, name: subject.name)
        let before = try await client.object(subject.kind, namespace: key.namespace, name: key.name)
        let after = try await ClusterWrite(client, writeOptions).send(
            "PATCH", ResourcePath.object(subject.kind, namespace: key.namespace, name: key.name), query: dryRun.query,
            body: body, contentType: type == .json ? MediaType.jsonPatch : MediaType.mergePatch)
        await client.close()
        guard format == .table else { return try ObjectOutput(format: format, world: world).print(after) }
        let isSame = before.resourceVersion == after.resourceVersion
        try world.output.line("\(key.resourceName) patched\(isSame ? " (no change)" : "")\(dryRun.suffix)")
    }

    /// The patch as it was written, on the command line or in a file.
    private func document(in world: World) throws -> JSON {
        let source: (name: String, bytes: [UInt8])
        switch (patch, patchFile) {
        case (let text?, nil): source = ("--patch", Array(text.utf8))
        case (nil, "-"?): source = (ManifestArguments.inputName, try world.readInput())
        case (nil, let path?): source = (path, try LocalFiles.read(path, limit: Limits.requestBodyBytes))
        case (nil, nil): throw CommandFailure.error("must specify --patch or --patch-file with the changes")
        case (_?, _?): throw CommandFailure.error("cannot specify --patch and --patch-file together")
        }
        let value = try EditedText(source.bytes, name: source.name).value()
        let isRight = type == .json ? value.array != nil : value.object != nil
        guard isRight else {
            throw CommandFailure.error(
                "\(source.name.harmless): a \(type.rawValue) patch must be \(type == .json ? "an array" : "an object"), "
                    + "found \(value.typeDescription)")
        }
        return value
    }
}
