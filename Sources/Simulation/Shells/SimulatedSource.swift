import Fleet
import JSONText
import Manifest
import Primitives
import Reconcile

/// A Git repository as a value: commits on one branch, each a few machines that no user touches.
struct SimulatedSource {
    struct Commit {
        /// Counts the pushes, from 1.
        var number: UInt64
        var puts: [Mutation]

        /// Its full name, from which the number can be read.
        var name: String {
            let digits = String(number)
            return String(repeating: "0", count: 40 - digits.utf8.count) + digits
        }
    }

    /// Oldest first; never empty.
    private(set) var commits: [Commit] = []

    static let name = "source"
    static let key = KindInfo.gitRepository.key(namespace: "", name: name)
    private static let machines = 4

    init(generator: inout SeededGenerator) {
        push(&generator)
    }

    /// The GitRepository object, which is looked at as often as one may be.
    static var manifest: Mutation {
        var spec = GitRepositorySpec(url: "/srv/source")
        spec.intervalSeconds = 10
        return .put(
            Put(
                key: key, labels: [:], annotations: [:], spec: spec.normalForm.canonicalBytes, precondition: .none,
                requiredNode: nil))
    }

    /// The number in a commit's name; nil if it is none of a simulated repository.
    static func number(ofCommit name: String) -> UInt64? { name.utf8.count == 40 ? UInt64(name) : nil }

    mutating func push(_ generator: inout SeededGenerator) {
        let number = UInt64(commits.count) + 1
        // One at least, so that no commit is empty.
        let first = generator.below(Self.machines)
        let names = (0..<Self.machines).filter { $0 == first || generator.chance(500) }
        let puts = names.map { name in
            Mutation.put(
                Put(
                    key: KindInfo.virtualMachine.key(namespace: Self.name, name: "app-\(name)"), labels: [:],
                    annotations: ["commit": String(number)],
                    spec: Array(generator.element(of: ["{}", "{\"runStrategy\":\"Halted\"}", "{\"vcpus\":2}"]).utf8),
                    precondition: .none, requiredNode: nil))
        }
        commits.append(Commit(number: number, puts: puts))
    }

    /// What a fetch brings that ends now.
    func answer(to order: SourceOrder) -> SourceAnswer { answer(to: order, commits.count - 1) }

    /// What it brings by mistake: any commit.
    func staleAnswer(to order: SourceOrder, _ generator: inout SeededGenerator) -> SourceAnswer {
        answer(to: order, generator.below(commits.count))
    }

    private func answer(to order: SourceOrder, _ position: Int) -> SourceAnswer {
        let commit = commits[position]
        guard commit.name != order.knownCommit else { return .same }
        return .content(
            SourceContent(
                commit: commit.name, author: "simulated", subject: "push \(commit.number)", mutations: commit.puts))
    }
}
