import ArgumentParser

/// One thing that is measured.
protocol Benchmark: AsyncParsableCommand {
    var options: BenchmarkOptions { get }

    /// What is measured, and how, in one line.
    static var method: String { get }

    /// Measures it with processes that it starts in `place`.
    static func measure(in place: Workplace) async throws -> Report
}

extension Benchmark {
    func run() async throws {
        try await options.run([Self.self])
    }
}

/// A benchmark that could not be carried out, in words for the person who ran it.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
