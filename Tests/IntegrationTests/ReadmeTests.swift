import Glibc
import JSONText
import TestFiles
import Testing

extension IntegrationTests {
    /// The README's tour, run command by command: what it shows is what the program prints.
    @Suite("The README", .serialized, .enabled(if: RealQEMU.mayRun, RealQEMU.reason))
    struct ReadmeTests {
        /// One command of the tour and the output that stands below it; none where the README shows none.
        struct Step {
            var command: String
            var output: [String]
        }

        private static let file = BuiltProgram.packageDirectory + "/README.md"
        private static let manifest = BuiltProgram.packageDirectory + "/manifests/quickstart/cluster.json"

        @Test("The README shows what the program prints, in every command of its tour")
        func tour() async throws {
            let steps = try Self.steps()
            #expect(steps.count >= 8, "the tour has \(steps.count) commands")
            try await TestCluster.with(nodes: 3, hypervisor: "qemu") { cluster in
                try await cluster.up(["-f", BuiltProgram.packageDirectory + "/manifests/quickstart"])
                let original = try #require(TextFile.read(Self.manifest))
                try TextFile.write(
                    original.replacing("\"48Mi\"", with: "\"64Mi\"").replacing("\"web-2\"", with: "\"web-3\""),
                    to: cluster.root + "/changed.json")
                try TextFile.write(
                    original.replacing("\"memory\": \"32Mi\"", with: "\"memroy\": \"32Mi\""),
                    to: cluster.root + "/typo.json")
                for step in steps { try await check(step, in: cluster) }
            }
        }

        private func check(_ step: Step, in cluster: TestCluster) async throws {
            let words = step.command.split(separator: " ").dropFirst().map { word in
                word.hasSuffix(".json") ? cluster.root + "/" + word : String(word)
            }
            if step.command.contains("events --for") { try await killMachine(cluster) }
            let result = try await cluster.run(words)
            let fails = step.command.contains("typo.json") || step.command.contains("diff -f")
            #expect(result.exitCode == (fails ? 1 : 0), "\(step.command): \(result)")
            guard !step.output.isEmpty else { return }
            // A guest ends its lines as a terminal wants them.
            let printed = (result.output + result.errors).replacing("\r\n", with: "\n").split(separator: "\n").map(
                String.init)
            #expect(
                printed.map { Self.masked($0, root: cluster.root) } == step.output.map { Self.masked($0, root: "") },
                "\(step.command) printed \(result)")
        }

        /// The tour shows the events of a machine whose process was killed.
        private func killMachine(_ cluster: TestCluster) async throws {
            let pid = try #require(try await cluster.machineRuns("web-1")["status"]?["pid"]?.integer)
            #expect(kill(pid_t(pid), SIGKILL) == 0)
            _ = try await cluster.machine("web-1", until: "a restart") { $0["status"]?["restarts"]?.integer == 1 }
            _ = try await cluster.machineRuns("web-1")
        }

        /// A line without what differs from run to run: numbers, hosts, and the width of columns.
        private static func masked(_ line: String, root: String) -> [Substring] {
            var text = line
            if !root.isEmpty { text = text.replacing(root + "/", with: "") }
            // The founder has the name of the user who runs the tests.
            text = text.replacing("tester", with: "admin")
            // Any of the three may lead.
            text = text.replacing("leader,voter", with: "voter").replacing("(Leader)", with: "(Follower)")
            // Places in a file and quantities are the same in every run.
            if !text.contains("error:"), !text.contains("spec.") {
                text = String(text.map { $0.isASCII && $0.isNumber ? "#" : $0 })
                while text.contains("##") { text = text.replacing("##", with: "#") }
                for unit in ["#m#s", "#m", "#h"] where text.contains(" \(unit)") {
                    text = text.replacing(" \(unit)", with: " #s")
                }
            }
            return text.split(separator: " ", omittingEmptySubsequences: true)
        }

        /// The commands of the `console` blocks, in their order.
        private static func steps() throws -> [Step] {
            let text = try #require(TextFile.read(file), "there is no README")
            var steps: [Step] = []
            var isTour = false
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                if line.hasPrefix("```") {
                    isTour = line == "```console"
                } else if isTour, line.hasPrefix("$ ") {
                    steps.append(Step(command: String(line.dropFirst(2)), output: []))
                } else if isTour, !steps.isEmpty {
                    steps[steps.count - 1].output.append(String(line))
                }
            }
            return steps
        }
    }
}
