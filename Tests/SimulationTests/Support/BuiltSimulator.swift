import Glibc
import Host

@testable import Simulation

/// The program `blixard-simulate`, as it was built beside the tests.
enum BuiltSimulator {
    struct Output {
        var end: ProcessEnd
        var text: String

        var lines: [Substring] { text.split(separator: "\n") }
    }

    private static let path: String = {
        var target = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &target, target.count)
        let own = String(decoding: target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for candidate in [own, CommandLine.arguments.first].compactMap({ $0 }) {
            guard let slash = candidate.lastIndex(of: "/") else { continue }
            let program = candidate[..<slash] + "/blixard-simulate"
            if access(String(program), X_OK) == 0 { return String(program) }
        }
        return ".build/debug/blixard-simulate"
    }()

    /// - Parameter variables: What the environment holds besides the usual.
    static func run(_ words: [String], variables: [String] = []) async throws -> Output {
        let file = tmpfile()
        defer { fclose(file) }
        let descriptor = fileno(file)
        let process = ChildProcess(
            executable: path, arguments: words, environment: SeedWorker.environment + variables,
            workingDirectory: nil, newSession: false)
        let end = await (try process.spawn(output: descriptor)).waitForEnd()
        let length = Int(lseek(descriptor, 0, SEEK_END))
        var bytes = [UInt8](repeating: 0, count: length)
        let count = pread(descriptor, &bytes, length, 0)
        return Output(end: end, text: String(decoding: bytes.prefix(max(0, count)), as: UTF8.self))
    }
}
