/// Measured values of one thing.
struct Samples {
    private(set) var sorted: [Double]

    init(_ values: [Double]) {
        sorted = values.sorted()
    }

    var count: Int { sorted.count }
    var minimum: Double { sorted.first ?? .nan }
    var maximum: Double { sorted.last ?? .nan }
    var median: Double { quantile(0.5) }

    /// The value below which this share of all values lies, between neighbours in proportion.
    func quantile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return .nan }
        let position = share * Double(sorted.count - 1)
        let below = Int(position)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
    }
}
