import Glibc
import Host
import Primitives
import Reconcile

/// Runs git for one fetch: with nothing of the host's or a user's settings, and within bounds. Blocks.
struct GitProgram: Sendable {
    /// Why git was ended or never began.
    enum Problem: Error, Equatable {
        case cancelled
        case timeOver
        /// The repository takes more than it may.
        case repositoryTooLarge
        case outputTooLarge
        case notStarted(String)
        /// With git's own words, on one line.
        case failed(String)
    }

    /// Absolute path.
    let executable: String
    /// In which git runs. It is the only place where it writes.
    let directory: String
    let limits: GitLimits
    let deadline: Instant
    let isCancelled: @Sendable () -> Bool
    let files: GitCredentialFiles
    let secrets: [String]

    /// The name of the repository in the directory.
    static let repository = "repository"
    private static let sizeMilliseconds: Int64 = 250
    private static let errorBytes = 16 << 10

    /// The program of that name in the places where programs are; nil if there is none.
    static func path(of name: String) -> String? {
        let places = ChildProcess.plainEnvironment.first { $0.hasPrefix("PATH=") }?.dropFirst(5) ?? ""
        return places.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// - Parameters:
    ///   - arguments: Behind git's own options.
    ///   - settings: Pairs `NAME=VALUE`, for this run.
    /// - Returns: What it wrote to its standard output.
    func run(
        _ arguments: [String], settings: [String] = [], input: [UInt8] = [], outputLimit: Int
    ) throws(Problem) -> [UInt8] {
        let process = ChildProcess(
            executable: executable,
            arguments: ["--git-dir=\(Self.repository)"]
                + (Self.settings + files.settings + settings).flatMap { ["-c", $0] } + arguments,
            environment: environment, workingDirectory: directory, newSession: true)
        var looked = SystemClock.now()
        let report: ProcessReport<Problem>
        do throws(HostError) {
            report = try process.runReading(input: input, outputLimit: outputLimit, errorLimit: Self.errorBytes) {
                if isCancelled() { return .cancelled }
                let now = SystemClock.now()
                if now >= deadline { return .timeOver }
                guard now - looked >= Self.sizeMilliseconds else { return nil }
                looked = now
                return isTooLarge ? .repositoryTooLarge : nil
            }
        } catch {
            throw .notStarted("\(error)")
        }
        switch report.cause {
        case .ended where report.isSuccess: return report.output
        case .ended(.exited): throw .failed(GitMessage.line(report.errors, hiding: secrets))
        case .ended(let end): throw .failed("git ended by \(end)")
        case .stopped(let problem): throw problem
        case .tooMuchOutput: throw .outputTooLarge
        }
    }

    /// Whether the directory takes more room than it may.
    var isTooLarge: Bool { FileTree.byteCount(of: directory) > limits.repositoryBytes }

    private var environment: [String] {
        ChildProcess.plainEnvironment + [
            "HOME=\(directory)", "XDG_CONFIG_HOME=\(directory)", "TMPDIR=\(directory)",
            "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ATTR_NOSYSTEM=1",
            "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=/bin/false", "SSH_ASKPASS=/bin/false",
            "GIT_SSH_COMMAND=\(files.sshCommand)", "GIT_SSH_VARIANT=ssh",
            "GIT_PROTOCOL_FROM_USER=0", "GIT_ALLOW_PROTOCOL=https:http:ssh:git:file",
            "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_LFS_SKIP_SMUDGE=1",
        ]
    }

    /// No program but git's own and ssh is ever run, nothing is done in the background, and what arrives stays in packs.
    private static let settings = [
        "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.attributesFile=/dev/null", "core.askPass=/bin/false",
        "protocol.ext.allow=never", "credential.helper=", "submodule.recurse=false", "fetch.recurseSubmodules=false",
        "fetch.unpackLimit=1", "gc.auto=0", "maintenance.auto=false", "pack.threads=1", "core.bigFileThreshold=16m",
        "log.showSignature=false", "gpg.program=/bin/false", "gpg.openpgp.program=/bin/false",
        "gpg.x509.program=/bin/false",
    ]
}
