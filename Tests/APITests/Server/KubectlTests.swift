import API
import Fleet
import Glibc
import JSONText
import Manifest
import Testing

@Suite("A real kubectl", .enabled(if: Kubectl.installed != nil || getenv("CI") != nil, "no kubectl on PATH"))
struct KubectlTests {
    private func withKubectl(_ body: (TLSServer, Kubectl) async throws -> Void) async throws {
        let path = try #require(Kubectl.installed, "CI must have a kubectl")
        try await withTLSServer { server in
            let kubectl = try Kubectl(server, path: path)
            try await body(server, kubectl)
        }
    }

    @Test("kubectl lists machines and nodes as tables and as objects")
    func get() async throws {
        try await withKubectl { server, kubectl in
            let web = Samples.machine("web")
            server.backend.put([
                Samples.put(web, labels: ["app": "a"]), Samples.put(Samples.machine("db", namespace: "prod")),
            ])
            server.backend.bind(web)
            server.backend.report(web)
            let machines = await kubectl.run("get", "vms")
            #expect(machines.code == 0, "\(machines.output)")
            let lines = machines.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            #expect(lines.first == ["NAME", "STATUS", "READY", "NODE", "IP", "AGE"])
            #expect(lines.last == ["web", "Running", "True", "node-1", "10.0.2.15", "0s"])
            let wide = await kubectl.run("get", "vm", "web", "-o", "wide")
            #expect(wide.output.contains("128Mi") && wide.output.contains("LAST-SEEN"))
            let all = await kubectl.run("get", "virtualmachines", "-A")
            #expect(all.output.contains("prod") && all.output.contains("NAMESPACE"))
            let selected = await kubectl.run("get", "vms", "-l", "app in (b,c)")
            #expect(selected.output.contains("No resources found"))
            let nodes = await kubectl.run("get", "nodes.blixard.dev")
            #expect(nodes.output.contains("node-1"), "\(nodes.output)")
            let json = await kubectl.run("get", "vm", "web", "-o", "json")
            let parsed = try JSON(parsing: json.output)
            #expect(parsed["spec"]?["memory"] == "128Mi")
            let path = await kubectl.run("get", "vms", "-o", "jsonpath={.items[0].status.nodeName}")
            #expect(path.output == "node-1")
            let missing = await kubectl.run("get", "vm", "none")
            #expect(missing.code == 1)
            #expect(
                missing.output.contains("Error from server (NotFound): virtualmachines.blixard.dev \"none\" not found"))
        }
    }

    @Test("kubectl deletes, labels, patches, waits and diffs")
    func write() async throws {
        try await withKubectl { server, kubectl in
            server.backend.put([Samples.put(Samples.machine("web")), Samples.put(Samples.machine("db"))])
            let labeled = await kubectl.run("label", "vm", "web", "tier=x")
            #expect(labeled.code == 0, "\(labeled.output)")
            #expect(server.backend.fleet[Samples.machine("web")]?.labels == ["tier": "x"])
            let patched = await kubectl.run("patch", "vm", "web", "--type=merge", "-p", #"{"spec":{"vcpus":4}}"#)
            #expect(patched.code == 0, "\(patched.output)")
            #expect(server.backend.fleet[Samples.machine("web")]?.generation == 2)
            let invalid = await kubectl.run("patch", "vm", "web", "--type=merge", "-p", #"{"spec":{"vcpus":0}}"#)
            #expect(invalid.code == 1)
            #expect(
                invalid.output.contains("The VirtualMachine \"web\" is invalid: spec.vcpus: Invalid value: 0"),
                "\(invalid.output)")
            let waited = await kubectl.run(
                "wait", "vm/web", "--for=jsonpath={.spec.vcpus}=4", "--timeout=10s")
            #expect(waited.code == 0, "\(waited.output)")
            let rehearsed = await kubectl.run("delete", "vm", "web", "--dry-run=server")
            #expect(rehearsed.code == 0, "\(rehearsed.output)")
            #expect(server.backend.fleet[Samples.machine("web")] != nil)
            let deleted = await kubectl.run("delete", "vm", "web", "--timeout=20s")
            #expect(deleted.code == 0, "\(deleted.output)")
            #expect(deleted.output.contains("virtualmachine.blixard.dev \"web\" deleted"))
            #expect(server.backend.fleet[Samples.machine("web")] == nil)
        }
    }

    @Test("kubectl waits for a bound machine until its node has let go of it")
    func deleteBound() async throws {
        try await withKubectl { server, kubectl in
            let web = Samples.machine("web")
            server.backend.put([Samples.put(web)])
            server.backend.bind(web)
            server.backend.report(web)
            async let deleted = kubectl.run("delete", "vm", "web", "--timeout=20s")
            #expect(await eventually { server.backend.fleet[web]?.deletion != nil })
            server.backend.report(web, phase: .stopped, removed: true)
            let result = await deleted
            #expect(result.code == 0, "\(result.output)")
            #expect(server.backend.fleet[web] == nil)
        }
    }
}
