import Primitives

/// A program that shows differences in blixard's place: it gets two directories, with one file for each object.
struct ExternalDiff {
    static let variable = "BLIXARD_EXTERNAL_DIFF"

    /// A shell's command, such as `diff -u -N`.
    let program: String
    let world: World

    /// One object before and after, as YAML; empty where it is not there.
    struct Pair: Equatable {
        var name: String
        var live: String
        var applied: String
    }

    /// Runs the program on this program's own output, and leaves nothing of the directories.
    ///
    /// - Returns: Whether the program found differences.
    /// - Throws: ``CommandFailure`` if the files can't be written, or the program fails: if its exit code is neither 0
    ///   nor 1.
    func run(_ pairs: [Pair]) async throws -> Bool {
        let ending: ProcessEnding
        do throws(FileFailure) {
            let directories = try DiffDirectories(under: world.variable("TMPDIR") ?? "/tmp")
            defer { directories.remove() }
            for pair in pairs { try directories.write(pair) }
            ending = try await world.processes.runInForeground(
                program, arguments: [directories.live, directories.applied], environment: world.environment)
        } catch {
            throw CommandFailure.error("\(Self.variable): \(error)")
        }
        switch ending.exitCode {
        case 0: return false
        case 1: return true
        default:
            throw CommandFailure.error("\(Self.variable): \"\(program.harmless)\" failed: \(ending.text)")
        }
    }
}
