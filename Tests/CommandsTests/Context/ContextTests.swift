import JSONText
import TestFiles
import Testing

@testable import Commands

@Suite("Contexts")
struct ContextTests {
    private func entry(_ name: String, cluster: String, directory: String? = nil) -> ContextFile.Entry {
        ContextFile.Entry(
            name: name, clusterID: cluster, identity: "/key", members: [], dataDirectory: directory)
    }

    @Test("two clusters never share a name, and a cluster keeps the one it has")
    func names() {
        var file = ContextFile()
        #expect(file.name(for: "up-c", clusterID: "1111111122", dataDirectory: "/a/c") == "up-c")
        file.use(entry("up-c", cluster: "1111111122", directory: "/a/c"))
        #expect(file.name(for: "up-c", clusterID: "1111111122", dataDirectory: "/a/c") == "up-c")
        #expect(file.name(for: "up-c", clusterID: "2222222233", dataDirectory: "/b/c") == "up-c-22222222")
        file.use(entry("up-c-22222222", cluster: "2222222233", directory: "/b/c"))
        #expect(file.name(for: "up-c", clusterID: "2222222233", dataDirectory: "/b/c") == "up-c-22222222")
        #expect(file.name(for: "up-c", clusterID: "2222222244", dataDirectory: "/d/c") == "up-c-2222222244")
        // Founded anew in the same place: the cluster that was there is gone.
        #expect(file.name(for: "up-c", clusterID: "3333333344", dataDirectory: "/a/c") == "up-c")
        #expect(file.name(for: "up-c", clusterID: "3333333344", dataDirectory: nil) == "up-c-33333333")
    }

    @Test("founding a cluster says which context it wrote, which was current, and how to go back")
    func initSays() async throws {
        var bench = Bench()
        bench.environment["BLIXARD_CONTEXT"] = bench.directory.path + "/context.json"
        let first = await bench.run("cluster", "init", "--bind", "h:1", "--data-dir", "/d")
        #expect(first.code == 0)
        #expect(first.output.contains("context \"cluster-01234567\" is the current one now, in "), "\(first.output)")
        #expect(!first.output.contains("before:"))

        let taken = await bench.run(
            "cluster", "init", "--bind", "h:1", "--data-dir", "/e", "--context", "cluster-01234567")
        #expect(taken.code == 1)
        #expect(taken.errors.contains("choose another name"), "\(taken.errors)")
        #expect(bench.nodes.configurations.count == 1)

        // The cluster that is founded next is another.
        var file = ContextFile()
        file.use(entry("old", cluster: "ffff"))
        bench.environment["BLIXARD_CONTEXT"] = bench.file("others.json", file.json.prettyText)
        let second = await bench.run("cluster", "init", "--bind", "h:1", "--data-dir", "/e", "--context", "new")
        #expect(second.output.contains("context \"new\" is the current one now"), "\(second.output)")
        #expect(second.output.contains("(before: \"old\")"), "\(second.output)")
        #expect(second.output.contains("blixard config use-context old\n"))
    }
}
