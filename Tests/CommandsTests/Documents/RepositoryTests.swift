import JSONText
import TestFiles
import Testing

@testable import Commands

@Suite("The example of a repository")
struct RepositoryTests {
    private static let repository = SharedData.packageDirectory + "/manifests/gitops"

    @Test("it checks itself, and every name in it leads to a document of it")
    func strict() async throws {
        let result = await Bench().run("validate", "-f", Self.repository, "-R", "--strict", "-o", "json")
        #expect(result.code == 0, "\(result)")
        let report = try JSON(parsing: result.outputBytes)
        #expect(report["valid"] == true && report["warnings"] == [])
        #expect(report["objects"] == ["Image": 1, "ManifestSet": 1, "Node": 3, "VirtualMachine": 3])
        let pattern = await Bench().run("validate", "-f", Self.repository + "/**", "--strict", "-o", "json")
        #expect(pattern.outputBytes == result.outputBytes)
    }

    @Test("its machines alone need the words of the page that is about it")
    func machines() async {
        let machines = Self.repository + "/machines"
        #expect(await Bench().run("validate", "-f", machines, "--strict").code == 1)
        let words = ["--strict", "--assume", "nodes", "--assume", "image/debian-13"]
        #expect(await Bench().run(["validate", "-f", machines] + words).code == 0)
    }
}
