import ArgumentParser
import Contract
import Host
import JSONText
import Manifest
import Primitives

extension CompletionKind {
    /// Words that are found when a shell asks: kinds, or names of objects that the cluster has.
    static let objects = CompletionKind.custom { _, _, _ in CompletionCandidates.found }
}

/// What may stand where a shell's user asks for completions.
///
/// A shell runs `blixard ---completion VERB... -- ARGUMENT INDEX CURSOR WORD...`. The parser's own functions for it
/// know neither the world nor `await`, so that candidates are found first, and handed to them.
struct CompletionCandidates {
    let world: World

    /// Of the request that is answered now.
    @TaskLocal static var found: [String] = []

    /// No shell's user waits longer for a cluster.
    private static let limitMilliseconds: Int64 = 1500
    /// More help no user.
    private static let largestCount = 1000

    static func isRequest(_ arguments: [String]) -> Bool { arguments.first == "---completion" }

    /// The candidates; none if nothing is known, whatever the reason: a completion has no place to report errors.
    func candidates(_ arguments: [String]) async -> [String] {
        guard let request = Request(arguments) else { return [] }
        let words: [String]
        switch request.wanted {
        case .kinds: words = KindInfo.all.map(\.plural) + KindInfo.all.map(\.singular) + Self.shortNames
        case .contexts:
            // A file that can't be read has no names to offer.
            let file = (try? Config.path(in: world)).flatMap { try? ContextFile.load(from: $0) }
            words = file?.contexts.map(\.name) ?? []
        case .names(let kind, let prefix): words = await names(of: kind, request).map { prefix + $0 }
        case nil: words = []
        }
        return Array(
            Set(words).filter { $0.hasPrefix(request.begun) && $0.isHarmless }.sorted().prefix(Self.largestCount))
    }

    private static let shortNames = KindInfo.all.flatMap(\.shortNames)

    /// The names of a kind's objects, as far as the cluster answers in time.
    private func names(of kind: KindInfo, _ request: Request) async -> [String] {
        // What the line says of the cluster counts here too; a line that says it wrongly has no candidates.
        guard let options = try? ConnectionOptions.parse(request.connection),
            let client = try? ClusterClient.open(options, in: world)
        else { return [] }
        let world = world
        let names = await TimedWait.result {
            // Stale answers come without a quorum; a failure is no candidate.
            let items = try? await client.items(
                kind, namespace: request.namespace, query: ReadConsistency.stale.query)
            return items?.compactMap(\.nameText) ?? []
        } within: {
            try await world.clock.sleep(milliseconds: Self.limitMilliseconds)
        }
        await client.close()
        return names ?? []
    }
}

extension CompletionCandidates {
    /// What a shell asks.
    struct Request {
        enum Wanted: Equatable {
            case kinds
            case contexts
            /// Names, with what stands before each in the word.
            case names(KindInfo, prefix: String)
        }

        let wanted: Wanted?
        /// The word as far as it is written.
        let begun: String
        let namespace: String
        /// Flags that say which cluster is meant, and under which identity.
        let connection: [String]

        init?(_ arguments: [String]) {
            guard let dashes = arguments.firstIndex(of: "--") else { return nil }
            let verbs = Array(arguments[1..<dashes])
            // The argument's name, the word's index, and the cursor in it.
            let rest = Array(arguments[(dashes + 1)...])
            guard rest.count >= 3, let index = Int(rest[1]), index >= 0 else { return nil }
            let words = rest.dropFirst(3)
            let before = Array(words.dropFirst().prefix(max(0, index - 1)))
            let word = index < words.count ? words[words.startIndex + index] : ""
            // The script for fish writes a word of which nothing stands there yet as two quotes.
            begun = word == "''" ? "" : word

            var positional: [String] = []
            var connection: [String] = []
            var namespace = KindInfo.defaultNamespace
            var position = 0
            while position < before.count {
                let word = before[position]
                let value = position + 1 < before.count ? before[position + 1] : nil
                position += 1
                guard word.hasPrefix("-") else {
                    positional.append(word)
                    continue
                }
                guard let value, Self.valued.contains(word) else { continue }
                position += 1
                if ["-n", "--namespace"].contains(word) { namespace = value }
                if Self.aboutClusters.contains(word) { connection += [word, value] }
            }
            self.namespace = namespace
            self.connection = connection
            wanted = Self.wanted(verbs, after: Array(positional.dropFirst(verbs.count)), begun: begun)
        }

        private static let aboutClusters: Set<String> = ["--addr", "--identity", "--expect-key", "--context"]
        private static let valued = aboutClusters.union([
            "-n", "--namespace", "-o", "--output", "-l", "--selector", "-f", "--filename", "--timeout", "--for",
            "--field-selector", "--grace-period", "--tail", "--dry-run", "--consistency", "--request-id", "--sort-by",
            "-L", "--label-columns", "-p", "--patch", "--patch-file", "--type", "--types",
        ])

        private static func wanted(_ verbs: [String], after given: [String], begun: String) -> Wanted? {
            switch verbs.first {
            case "vm", "logs": return .names(.virtualMachine, prefix: "")
            case "cordon", "uncordon", "cluster": return .names(.node, prefix: "")
            case "config": return .contexts
            case "explain": return .kinds
            // The verb is no name of an object.
            case "auth": return given.isEmpty ? nil : wanted(["get"], after: Array(given.dropFirst()), begun: begun)
            default: break
            }
            if let slash = begun.lastIndex(of: "/"), let kind = KindInfo.named(String(begun[..<slash])) {
                return .names(kind, prefix: String(begun[...slash]))
            }
            guard let first = given.first, !first.contains("/") else { return .kinds }
            return KindInfo.named(first).map { .names($0, prefix: "") }
        }
    }
}
