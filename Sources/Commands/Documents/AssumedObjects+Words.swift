import Manifest
import Primitives

extension AssumedObjects {
    /// From what stands after each `--assume`: `images`, or `image/base`.
    ///
    /// - Throws: For a kind that is none, or a name that no object can have.
    init(words: [String]) throws(CommandFailure) {
        self.init()
        for word in words {
            let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let kind = KindInfo.named(String(parts[0])) else {
                let known = KindInfo.all.flatMap(\.spellings)
                let hint =
                    EditDistance.nearest(to: parts[0].lowercased(), among: known).map { ", did you mean \"\($0)\"?" }
                    ?? ": there are \(KindInfo.all.map(\.plural).joined(separator: ", "))"
                throw .error("--assume \"\(word.harmless)\" names no kind\(hint)")
            }
            guard parts.count == 2 else {
                add(kind)
                continue
            }
            if let problem = NameRules.labelProblem(String(parts[1])) {
                throw .error("--assume \"\(word.harmless)\" names no \(kind.kind): \(problem)")
            }
            add(kind, named: String(parts[1]))
        }
    }
}
