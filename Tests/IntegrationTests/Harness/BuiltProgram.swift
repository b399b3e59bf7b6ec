import Glibc
import TestFiles
import Testing

/// The program under test, and what the tests find on this host.
enum BuiltProgram {
    /// `BLIXARD_PROGRAM`, else the one that was built beside the test bundle.
    static let path: String = {
        if let named = getenv("BLIXARD_PROGRAM") { return String(cString: named) }
        let candidates = [TextFile.link("/proc/self/exe"), CommandLine.arguments.first].compactMap { $0 }
        for candidate in candidates {
            guard let slash = candidate.lastIndex(of: "/") else { continue }
            let program = candidate[..<slash] + "/blixard"
            if access(String(program), X_OK) == 0 { return String(program) }
        }
        return ".build/debug/blixard"
    }()

    /// The directory of the package, where the manifests are.
    static let packageDirectory: String = {
        var parts = #filePath.split(separator: "/")
        parts.removeLast(4)
        return "/" + parts.joined(separator: "/")
    }()

    static var isContinuousIntegration: Bool { getenv("CI") != nil }
}

/// What tests with real machines need, and why they can't run where it is missing.
enum RealQEMU {
    static let isInstalled: Bool = {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return ["qemu-system-x86_64", "qemu-img"].allSatisfy { name in
            path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
        }
    }()

    /// Without QEMU the tests are skipped, except where all must run.
    static let mayRun = isInstalled || BuiltProgram.isContinuousIntegration
    static let reason: Comment = """
        QEMU is missing: there is no qemu-system-x86_64 or no qemu-img in PATH (apt install qemu-system-x86 qemu-utils)
        """
}
