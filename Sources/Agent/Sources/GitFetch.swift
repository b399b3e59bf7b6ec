import Fleet
import Host
import Primitives
import Reconcile
import Sealing

/// One fetch of one repository. Blocks.
struct GitFetch {
    let order: SourceOrder
    let credentials: GitCredentials?
    let sealer: SecretSealer
    /// Of this repository alone.
    let directory: String
    let fetcher: GitFetcher
    let isCancelled: @Sendable () -> Bool

    private static let reference = "refs/source/fetched"
    private static let nameBytes = 4096
    private static let headerBytes = 1 << 20

    private var limits: GitLimits { fetcher.limits }
    private var repository: String { directory + "/" + GitProgram.repository }

    /// Nil if it was cancelled.
    func answer() -> SourceAnswer? {
        let answer: SourceAnswer
        do throws(SourceFailure) {
            answer = try content()
        } catch {
            answer = .failed(error)
        }
        return isCancelled() ? nil : answer
    }

    private func content() throws(SourceFailure) -> SourceAnswer {
        let location = order.location
        let address = try GitAddress(location.url)
        let name = try location.reference.remoteName()
        let signers = location.verifyKeys.isEmpty ? nil : try GitSigners(location.verifyKeys)
        // A commit never changes.
        if case .commit(let commit) = location.reference, commit == order.knownCommit { return .same }
        let source =
            switch address {
            case .remote(let url): url
            case .local(let path): try fetcher.local.directory(of: path)
            }
        let deadline = SystemClock.now() + limits.milliseconds
        guard let executable = fetcher.executable else {
            throw .fetchFailed("the program git is not installed on this node")
        }
        if signers != nil, GitProgram.path(of: "ssh-keygen") == nil {
            throw .fetchFailed("the program ssh-keygen, which checks signatures, is not installed on this node")
        }
        try prepareDirectory()
        defer { removeCredentials() }
        let git = GitProgram(
            executable: executable, directory: directory, limits: limits, deadline: deadline, isCancelled: isCancelled,
            files: try GitCredentialFiles(credentials, for: address, in: directory),
            secrets: credentials?.secrets ?? [])
        let commit = try fetch(name, from: source, with: git)
        if commit == order.knownCommit { return .same }
        if let signers { try verify(commit, by: signers, with: git) }
        return .content(try read(commit, with: git))
    }

    // MARK: The repository

    /// Makes the directory, and empties it if what has gathered in it leaves too little room for another commit.
    private func prepareDirectory() throws(SourceFailure) {
        do throws(AgentError) {
            if FileTree.byteCount(of: directory) > limits.repositoryBytes / 2 { try FileTree.remove(directory) }
        } catch {
            throw .fetchFailed("\(error)")
        }
        do throws(DiskError) {
            try DurableFile.createDirectory(directory)
        } catch {
            throw .fetchFailed("the repository's directory can't be made: \(error)")
        }
    }

    /// What stays of a fetch that failed, such as the lock of a program that was killed, is in the way of the next one.
    private func removeRepository() {
        // The next fetch fails if it can't use what stays, and says why.
        try? FileTree.remove(repository)
    }

    private func removeCredentials() {
        // The directory is the node's alone, and the next fetch writes the files anew.
        try? FileTree.remove(directory + "/" + GitCredentialFiles.directory)
    }

    private func fetch(
        _ name: String, from source: String, with git: GitProgram
    ) throws(SourceFailure) -> String {
        do throws(GitProgram.Problem) {
            if (try? FileSystemDisk().list(repository)) == nil {
                _ = try git.run(
                    ["init", "--quiet", "--bare", "--template=", GitProgram.repository], outputLimit: Self.nameBytes)
            }
            _ = try git.run(
                [
                    "fetch", "--quiet", "--depth=1", "--force", "--no-tags", "--no-recurse-submodules",
                    "--no-auto-maintenance", "--no-write-fetch-head", "--", source, "+\(name):\(Self.reference)",
                ], outputLimit: Self.headerBytes)
            guard !git.isTooLarge else { throw .repositoryTooLarge }
            let output = try git.run(
                ["rev-parse", "--verify", "--end-of-options", Self.reference + "^{commit}"], outputLimit: Self.nameBytes
            )
            return String(decoding: output.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        } catch {
            removeRepository()
            throw .fetchFailed(fetchProblem(error))
        }
    }

    private func fetchProblem(_ problem: GitProgram.Problem) -> String {
        switch problem {
        case .failed(let line): GitMessage.explanation(line, of: order.location.reference)
        default: text(of: problem)
        }
    }

    private func text(of problem: GitProgram.Problem) -> String {
        switch problem {
        case .cancelled: "the fetch was given up"
        case .timeOver: "the fetch took longer than \(limits.milliseconds / 1000) seconds"
        case .repositoryTooLarge:
            "the repository takes more than \(limits.repositoryBytes) bytes, though only its newest commit is fetched"
        case .outputTooLarge: "git writes more than it may"
        case .notStarted(let why): why
        case .failed(let line): line
        }
    }

    // MARK: The commit

    private func verify(_ commit: String, by signers: GitSigners, with git: GitProgram) throws(SourceFailure) {
        do throws(DiskError) {
            try DurableFile.write(
                Array(signers.text.utf8), to: directory + "/" + GitCredentialFiles.signers, mode: 0o600)
        } catch {
            throw .fetchFailed("the file of the signers can't be written: \(error)")
        }
        do throws(GitProgram.Problem) {
            _ = try git.run(
                ["verify-commit", "--end-of-options", commit],
                settings: ["gpg.format=ssh", "gpg.ssh.allowedSignersFile=\(GitCredentialFiles.signers)"],
                outputLimit: Self.headerBytes)
        } catch {
            guard case .failed(let line) = error else { throw .fetchFailed(text(of: error)) }
            throw .badCommit(commit, "the commit is not signed by a key of verifyKeys: \(line)")
        }
    }

    private func read(_ commit: String, with git: GitProgram) throws(SourceFailure) -> SourceContent {
        let header = try output(
            ["show", "--no-patch", "--no-show-signature", "--encoding=UTF-8", "--format=%an%x00%s", commit], of: commit,
            limit: Self.headerBytes, with: git)
        let words = header.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        let listing = try output(
            ["ls-tree", "-r", "-l", "-z", "--full-tree", commit], of: commit, limit: limits.listingBytes, with: git)
        let documents = SourceDocuments(commit: commit, limits: limits, sealer: sealer)
        let search = try search(try tree(listing, of: commit), of: commit, with: git)
        try documents.checkSizes(search.files)
        let mutations = try documents.mutations(
            search.files, try contents(of: search.files.map(\.blob), of: commit, with: git))
        return SourceContent(
            commit: commit, author: Self.text(words.first), subject: Self.text(words.dropFirst().first),
            mutations: mutations)
    }

    private func tree(_ listing: [UInt8], of commit: String) throws(SourceFailure) -> GitTree {
        do throws(GitTree.Malformed) {
            return try GitTree(listing: listing)
        } catch {
            throw .badCommit(commit, "the list of the commit's files is none that git writes of a sound repository")
        }
    }

    /// The manifest files below the location's path.
    private func search(_ tree: GitTree, of commit: String, with git: GitProgram) throws(SourceFailure) -> TreeSearch {
        // A longer target is none that a kernel follows, and leads nowhere.
        let links = tree.links.filter { $0.byteCount <= GitLimits.linkTargetBytes }
        guard links.count <= limits.links else {
            throw .badCommit(commit, "the commit has \(links.count) links; \(limits.links) are read")
        }
        let paths = PathInTree(tree: tree, targets: try contents(of: links, of: commit, with: git))
        let path = order.location.path
        let place: [Int]
        switch paths.place(of: Array(path.utf8)) {
        case .directory(let way): place = way
        case .file: throw .badCommit(commit, "the path \"\(path)\" is a file, and a directory is needed")
        case .missing: throw .badCommit(commit, "the commit has no directory \"\(path)\"")
        case .submodule: throw .badCommit(commit, "the path \"\(path)\" is in a submodule, and those are not fetched")
        case .outside: throw .badCommit(commit, "the path \"\(path)\" leads out of the repository")
        case .loop: throw .badCommit(commit, "the path \"\(path)\" is a link that leads back to itself")
        }
        let name = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/").harmless
        let search = TreeSearch(place, named: name, in: paths)
        guard search.problems.isEmpty else {
            throw .badCommit(commit, SourceFailure.joined(search.problems.map { "\(commit.prefix(12)):\($0)" }))
        }
        guard !search.files.isEmpty else {
            throw .badCommit(
                commit,
                "the directory \"\(path)\" has no files with the extensions .json, .yaml or .yml"
                    + (search.passedOver.isEmpty ? "" : ", and its submodules are not fetched"))
        }
        return search
    }

    private func contents(
        of blobs: [GitTree.Blob], of commit: String, with git: GitProgram
    ) throws(SourceFailure) -> [String: [UInt8]] {
        guard !blobs.isEmpty else { return [:] }
        let limit = blobs.reduce(0) { $0 + $1.byteCount + GitObjects.overheadBytes }
        let output = try output(
            ["cat-file", "--batch"], of: commit, input: GitObjects.request(blobs), limit: limit, with: git)
        do throws(GitObjects.Malformed) {
            return try GitObjects.contents(in: output, of: blobs)
        } catch {
            removeRepository()
            throw .fetchFailed("git did not print what was asked for: the repository is fetched anew")
        }
    }

    /// What git prints about a commit that is there.
    private func output(
        _ arguments: [String], of commit: String, input: [UInt8] = [], limit: Int, with git: GitProgram
    ) throws(SourceFailure) -> [UInt8] {
        do throws(GitProgram.Problem) {
            return try git.run(arguments, input: input, outputLimit: limit)
        } catch {
            if case .outputTooLarge = error {
                throw .badCommit(commit, "git \(arguments[0]) prints more than \(limit) bytes of the commit")
            }
            removeRepository()
            throw .fetchFailed("git \(arguments[0]): \(text(of: error))")
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>?) -> String {
        String(decoding: (bytes ?? []).prefix { $0 != UInt8(ascii: "\n") && $0 != 0 }, as: UTF8.self)
    }
}
