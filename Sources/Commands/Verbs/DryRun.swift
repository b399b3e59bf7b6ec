import ArgumentParser
import Contract

/// The flag `--dry-run` of commands that write.
enum DryRun: String, ExpressibleByArgument, CaseIterable {
    case none
    case server

    /// What stands behind a success line.
    var suffix: String { self == .server ? " (server dry run)" : "" }
    var query: [(String, String)] { self == .server ? [QueryParameter.dryRun.item("All")] : [] }
}
