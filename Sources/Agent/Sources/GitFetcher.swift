import Fleet
import Host
import Primitives
import Reconcile
import Sealing
import Synchronization

/// Fetches repositories with the program git, and reads manifests out of them.
///
/// A repository is kept bare, with the one commit that is followed, in a directory of its own. No file of a commit is
/// ever written: git lists them and prints the content of those that are read.
final class GitFetcher: Sendable {
    /// The directories of the repositories lie in it, each named by its object's uid.
    let directory: String
    let local: LocalRepository
    let limits: GitLimits
    /// Nil where git is not installed.
    let executable: String?
    private let pool: BlockingPool

    /// How many fetches run at a time; the others wait.
    static let atOnce = 4

    init(
        directory: String, local: LocalRepository, limits: GitLimits,
        executable: String? = GitProgram.path(of: "git")
    ) {
        self.directory = directory
        self.local = local
        self.limits = limits
        self.executable = executable
        pool = BlockingPool(named: "git", threads: Self.atOnce)
    }

    deinit { pool.close() }

    /// Fetches once. Cancelling the task ends git.
    ///
    /// Only one fetch of a repository may run at a time.
    ///
    /// - Parameter sealer: Seals the Secrets among the documents.
    /// - Returns: Nil if the task was cancelled.
    func fetch(
        _ order: SourceOrder, with credentials: GitCredentials?, sealer: SecretSealer
    ) async -> SourceAnswer? {
        let isCancelled = Mutex(false)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                pool.submit { [self] in
                    let fetch = GitFetch(
                        order: order, credentials: credentials, sealer: sealer,
                        directory: directory + "/\(order.uid)", fetcher: self
                    ) { isCancelled.withLock { $0 } }
                    continuation.resume(returning: fetch.answer())
                }
            }
        } onCancel: {
            isCancelled.withLock { $0 = true }
        }
    }

    /// Removes the repositories of objects that are gone.
    ///
    /// - Parameter uids: Of the objects that there are.
    func prune(keeping uids: Set<UID>) async {
        let kept = Set(uids.map(\.description))
        await pool.run { [directory] () throws(Never) in
            // Without the directory there is nothing to remove.
            for name in (try? FileSystemDisk().list(directory)) ?? [] where !kept.contains(name) {
                // What stays takes room, and the next call removes it.
                try? FileTree.remove(directory + "/" + name)
            }
        }
    }
}
