import ArgumentParser
import Contract
import Fleet
import JSONText
import Manifest
import Primitives

/// How objects are deleted, whichever command names them.
struct DeleteOptions: ParsableArguments {
    @OptionGroup var namespaceOptions: NamespaceOptions

    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Wait until the objects are gone.")
    var wait = true

    @Option(
        help: ArgumentHelp("How long to wait at most; 0 for as long as it takes.", valueName: DurationText.valueName))
    var timeout = DurationText(milliseconds: 0)

    @Option(
        name: .customLong("grace-period"), parsing: .unconditional,
        help: ArgumentHelp(
            "Seconds that a guest has to power off before it is killed; -1 for what its spec says.",
            valueName: "seconds"))
    var gracePeriod = -1

    @Flag(help: "The same as --grace-period 1.")
    var now = false

    @Option(
        help: ArgumentHelp("What becomes of the members of a set that is deleted.", valueName: "members|orphan"))
    var cascade: CascadeChoice?

    @Flag(name: .customLong("ignore-not-found"), help: "No error for what does not exist.")
    var ignoreNotFound = false

    @Option(
        name: .customLong("dry-run"),
        help: ArgumentHelp("server: do everything but record it.", valueName: "none|server"))
    var dryRun: DryRun = .none

    @OptionGroup var writeOptions: WriteOptions
    @OptionGroup var connectionOptions: ConnectionOptions

    func validate() throws {
        guard (-1...Limits.deletionGraceSeconds).contains(gracePeriod) else {
            throw ValidationError("--grace-period \(gracePeriod) must be -1 to \(Limits.deletionGraceSeconds)")
        }
        if now, gracePeriod > 1 { throw ValidationError("--now and --grace-period cannot be specified together") }
    }

    /// Deletes the objects as one entry, and waits for those that take time.
    func delete(_ keys: [ObjectKey], _ client: ClusterClient) async throws {
        let world = client.world
        guard !keys.isEmpty else {
            try world.output.line("No resources found")
            return
        }
        let write = try await ClusterWrite(client, writeOptions)
        let request = DeleteRequest(
            identity: write.identity, objects: keys, ignoresMissing: ignoreNotFound,
            graceSeconds: now ? 1 : gracePeriod >= 0 ? gracePeriod : nil, cascade: cascade?.cascade)
        let report = try await write.send(.delete, request, dryRun).body
        for result in report.results + report.answer.pruned {
            try world.output.line(Self.line(result) + dryRun.suffix)
        }
        for key in report.answer.released { try world.output.line("\(key.resourceName) released" + dryRun.suffix) }
        if wait, dryRun == .none {
            try await DeletionWait(
                client: client,
                objects: (report.results + report.answer.pruned).filter { $0.operation == .terminating }.map {
                    AwaitedObject($0, goal: .gone)
                },
                timeoutMilliseconds: timeout.milliseconds == 0 ? nil : timeout.milliseconds
            ).run()
        }
    }

    static func line(_ result: MutationResult) -> String {
        let subject = "\(result.key.kind.lowercased()).\(KindInfo.group) \"\(result.key.name)\""
        if result.operation == .cleared {
            return "\(subject) cleared: it is a member of the cluster, so its object stays with nothing but defaults"
        }
        return result.key.namespace.isEmpty
            ? "\(subject) deleted" : "\(subject) deleted from \(result.key.namespace) namespace"
    }
}

/// The flag `--cascade`.
enum CascadeChoice: String, ExpressibleByArgument, CaseIterable {
    case members
    case orphan

    var cascade: SetCascade {
        switch self {
        case .members: .members
        case .orphan: .orphan
        }
    }
}
