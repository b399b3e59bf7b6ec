import Fleet
import Primitives
import Reconcile
import Synchronization

/// The fetches of repositories that are under way, at most one of each repository.
///
/// The leader orders a repository once until it is answered, so there are at most as many as repositories. An order that
/// comes while another one of its repository runs takes its place.
final class SourceFetches: Sendable {
    private struct Repository {
        var running: SourceOrder
        var handle: OwnedTasks.Handle
        /// Begins when the running one has ended, which was given up for it.
        var next: SourceOrder?
    }

    private let fetcher: GitFetcher
    /// What credentials are taken from, and what seals the Secrets among the documents.
    private let secrets: @Sendable () -> OpenedSecrets
    /// The uids of the objects that there are.
    private let known: @Sendable () -> Set<UID>
    private let answer: @Sendable (SourceOrder, SourceAnswer) -> Void
    private let tasks = OwnedTasks()
    private let repositories = Mutex<[UID: Repository]>([:])

    /// - Parameters:
    ///   - known: The uids of the objects that there are; the repositories of others are removed.
    ///   - answer: Takes the end of each order that was not given up.
    init(
        _ fetcher: GitFetcher, secrets: @escaping @Sendable () -> OpenedSecrets,
        known: @escaping @Sendable () -> Set<UID>,
        answer: @escaping @Sendable (SourceOrder, SourceAnswer) -> Void
    ) {
        self.fetcher = fetcher
        self.secrets = secrets
        self.known = known
        self.answer = answer
    }

    /// Runs the fetches until the task is cancelled, which ends git; returns when none is under way. Called once.
    func run() async {
        await fetcher.prune(keeping: known())
        await tasks.run()
    }

    /// Begins to fetch; returns at once. Does nothing if the same is under way.
    func fetch(_ order: SourceOrder) {
        repositories.withLock { repositories in
            guard var repository = repositories[order.uid] else {
                begin(order, &repositories)
                return
            }
            // One that was given up already will not be answered.
            if repository.running == order, repository.next == nil { return }
            repository.next = order
            repositories[order.uid] = repository
            tasks.cancel(repository.handle)
        }
    }

    private func begin(_ order: SourceOrder, _ repositories: inout [UID: Repository]) {
        let handle = tasks.beginCancellable { [self] handle in
            await fetcher.prune(keeping: known().union([order.uid]))
            let result = await fetch(order, secrets())
            let isWanted = end(order, handle)
            if let result, isWanted { answer(order, result) }
        }
        repositories[order.uid] = Repository(running: order, handle: handle, next: nil)
    }

    private func fetch(_ order: SourceOrder, _ secrets: OpenedSecrets) async -> SourceAnswer? {
        var credentials: GitCredentials?
        if let auth = order.location.auth {
            do throws(CredentialProblem) {
                credentials = try GitCredentials(auth, for: order.location.url, in: secrets)
            } catch {
                return .failed(.fetchFailed("spec.auth: \(error.message)"))
            }
        }
        return await fetcher.fetch(order, with: credentials, sealer: secrets.sealer)
    }

    /// Begins the next one; answers whether this one's answer is wanted.
    private func end(_ order: SourceOrder, _ handle: OwnedTasks.Handle) -> Bool {
        repositories.withLock { repositories in
            guard let repository = repositories[order.uid], repository.handle == handle else { return false }
            repositories[order.uid] = nil
            guard let next = repository.next else { return true }
            begin(next, &repositories)
            return false
        }
    }
}
