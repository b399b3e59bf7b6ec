import Fleet
import Manifest
import Reconcile
import Replica
import Sealing

extension SourceFetches {
    /// The fetches of a node, in its data directory.
    ///
    /// - Parameter answer: Takes the end of each order that was not given up.
    convenience init(
        _ settings: AgentSettings, _ directory: NodeDirectory, _ core: AgentCore,
        answer: @escaping @Sendable (SourceOrder, SourceAnswer) -> Void
    ) {
        let (host, secrets) = (core.host, core.secrets)
        self.init(
            GitFetcher(
                directory: directory.sources,
                local: LocalRepository(
                    allowed: SourceDirectories(directories: settings.sourceDirectories), home: directory.path),
                limits: .standard),
            secrets: { OpenedSecrets(fleet: host.look { $0.fleet }, keyring: secrets.keyring) },
            known: {
                host.look { Set($0.fleet.objects(kind: KindInfo.gitRepository.kind, namespace: nil).map(\.uid)) }
            },
            answer: answer)
    }
}
