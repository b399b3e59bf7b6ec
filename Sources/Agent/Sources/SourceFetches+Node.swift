import Fleet
import Manifest
import Reconcile
import Replica

extension SourceFetches {
    /// The fetches of a node, in its data directory.
    ///
    /// - Parameters:
    ///   - kind: Of the objects that name repositories.
    ///   - answer: Takes the end of each order that was not given up.
    convenience init(
        _ settings: AgentSettings, _ directory: NodeDirectory, kind: KindInfo, host: ReplicaHost,
        answer: @escaping @Sendable (SourceOrder, SourceAnswer) -> Void
    ) {
        self.init(
            GitFetcher(
                directory: directory.sources,
                local: LocalRepository(
                    allowed: SourceDirectories(directories: settings.sourceDirectories), home: directory.path),
                limits: .standard),
            known: { host.look { Set($0.fleet.objects(kind: kind.kind, namespace: nil).map(\.uid)) } },
            answer: answer)
    }
}
