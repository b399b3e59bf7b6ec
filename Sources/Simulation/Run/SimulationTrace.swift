import Primitives

/// Everything that happened, as lines if they are wanted, and as one number in any case.
struct SimulationTrace {
    private let keepsLines: Bool
    private(set) var lines: [String] = []
    private var hash = StableHash()

    init(keepsLines: Bool) {
        self.keepsLines = keepsLines
    }

    mutating func note(_ event: TraceEvent, at moment: Instant) {
        hash.combine(UInt64(bitPattern: moment.milliseconds))
        event.combine(into: &hash)
        if keepsLines { lines.append("\(moment.milliseconds) \(event.text)") }
    }

    /// Equal for equal traces.
    var digest: UInt64 { hash.value }
}
