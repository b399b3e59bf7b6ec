/// What became of one seed, small enough for a million of them, and as one line between processes.
public struct SeedResult: Equatable, Sendable {
    /// Why a seed failed.
    public struct Failure: Equatable, Sendable {
        /// The broken promise, or how the program ended.
        public var what: String
        public var details: String
    }

    public var seed: UInt64
    public var figures: [SimulationFigure: Int] = [:]
    public var faultsByKind: [FaultKind: Int] = [:]
    public var failure: Failure?

    public init(_ report: SimulationReport) {
        seed = report.seed
        figures = report.figures
        faultsByKind = report.faultsByKind
        failure = report.violations.first.map { Failure(what: $0.promise.rawValue, details: $0.details) }
    }

    /// What a seed fails by that never ends.
    static let hung = "the run ends"

    /// A seed whose program ended before the seed did.
    init(seed: UInt64, endedBy what: String, lastWords: String) {
        self.seed = seed
        failure = Failure(what: what, details: lastWords)
    }

    // MARK: As a line

    static let prefix = "result "

    /// Ascending by name, so that equal results are equal lines.
    var line: String {
        var words = ["\(seed)"]
        words += figures.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue)=\($0.value)" }
        words += faultsByKind.sorted { $0.key < $1.key }.map { "\($0.key.word)=\($0.value)" }
        let failed = failure.map { "\t\($0.what)\t\(Self.escaped($0.details))" } ?? ""
        return Self.prefix + words.joined(separator: " ") + failed
    }

    init?(line: some StringProtocol) {
        guard line.hasPrefix(Self.prefix) else { return nil }
        let parts = line.dropFirst(Self.prefix.count).split(separator: "\t", omittingEmptySubsequences: false)
        let words = parts[0].split(separator: " ")
        guard let first = words.first, let seed = UInt64(first) else { return nil }
        self.seed = seed
        for word in words.dropFirst() {
            let pair = word.split(separator: "=")
            guard pair.count == 2, let value = Int(pair[1]) else { return nil }
            if let figure = SimulationFigure(rawValue: String(pair[0])) {
                figures[figure] = value
            } else if let kind = FaultKind(word: pair[0]) {
                faultsByKind[kind] = value
            } else {
                return nil
            }
        }
        if parts.count == 3 {
            failure = Failure(
                what: String(parts[1]), details: Self.unescaped(parts[2]))
        }
    }

    private static func escaped(_ text: String) -> String {
        String(text.flatMap { $0 == "\n" ? ["\\", "n"] : $0 == "\t" ? [" "] : [$0] as [Character] })
    }

    private static func unescaped(_ text: some StringProtocol) -> String {
        text.split(separator: "\\n", omittingEmptySubsequences: false).joined(separator: "\n")
    }
}
