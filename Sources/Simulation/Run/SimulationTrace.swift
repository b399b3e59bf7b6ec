import Primitives

/// Everything that happened, as lines if they are wanted, and as one number in any case.
struct SimulationTrace {
    private let keepsLines: Bool
    /// Takes each line as it comes, so that a run which traps or hangs has told all that led to it.
    private let sink: ((String) -> Void)?
    private(set) var lines: [String] = []
    private var hash = StableHash()

    init(keepsLines: Bool, sink: ((String) -> Void)?) {
        self.keepsLines = keepsLines
        self.sink = sink
    }

    mutating func note(_ event: TraceEvent, at moment: Instant) {
        hash.combine(UInt64(bitPattern: moment.milliseconds))
        event.combine(into: &hash)
        guard keepsLines || sink != nil else { return }
        let line = "\(moment.milliseconds) \(event.text)"
        if keepsLines { lines.append(line) }
        sink?(line)
    }

    /// Equal for equal traces.
    var digest: UInt64 { hash.value }
}
