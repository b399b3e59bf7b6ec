import Contract
import EdgeValues
import Glibc
import JSONText
import Manifest
import TestFiles
import Testing

@testable import API

extension IntegrationTests {
    /// Numbers, texts and lists at the edges of every field and every parameter, over HTTP, past all that the client
    /// checks.
    @Suite(
        "Values at their edges", .enabled(if: RawRequests.arePossible, "curl and openssl are needed"), .serialized,
        .cluster(nodes: 3, hypervisor: "simulated"))
    struct EdgeValueTests {
        let cluster: TestCluster

        init() throws {
            cluster = try .ofSuite
        }

        private static let log = "/blixard/v1/namespaces/default/virtualmachines/largest-0/log"
        private static let machines = "/apis/blixard.dev/v1/namespaces/default/virtualmachines"
        private static let numbers = [
            "-1", "0", "1", "2147483647", "2147483648", "9007199254740992", "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615", "18446744073709551616", "1.5", "x", "%F0%9F%98%80",
        ]

        @Test("Values at their edges end no node, keep all replicas equal, and stop no node from starting again")
        func edges() async throws {
            let pids = cluster.nodes.map { cluster.processID(of: $0) }
            let requests = try RawRequests(cluster)
            for (position, edge) in EdgeDocuments.all.enumerated() {
                let body: JSON = ["documents": [edge.named("e-\(position)")]]
                requests.add("POST", "/blixard/v1/plan", body)
                requests.add("POST", "/blixard/v1/apply", body)
            }
            // Sums over many machines, each of which is as large as one may be.
            let largest: [JSON] = (0..<100).map { number in
                [
                    "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine",
                    "metadata": ["name": .string("largest-\(number)")], "spec": ["memory": "64Ti", "vcpus": 64],
                ]
            }
            requests.add("POST", "/blixard/v1/plan", ["documents": .array(largest)])
            requests.add("POST", "/blixard/v1/apply", ["documents": .array(largest)])
            for parameter in QueryParameter.allCases {
                for number in Self.numbers {
                    let query = "?\(parameter.rawValue)=\(number)"
                    // A watch would not end.
                    if parameter != .watch { requests.add("GET", Self.machines + query, nil) }
                    if parameter != .follow || number != "1" {
                        requests.add("GET", "\(Self.log)\(query)", nil)
                    }
                    requests.add("DELETE", "\(Self.machines)/largest-1\(query)", nil)
                }
            }
            for number in ["-1", "86401", "9223372036854775807", "9223372036854775808", "1e300"] {
                requests.add(
                    "DELETE", "\(Self.machines)/largest-2", try JSON(parsing: "{\"gracePeriodSeconds\":\(number)}"))
                requests.add(
                    "POST", "/blixard/v1/tickets", try JSON(parsing: "{\"ttlSeconds\":\(number),\"uses\":\(number)}"))
            }
            let codes = try await requests.run(at: cluster.port(of: 1))
            #expect(codes.count == requests.count)
            #expect(codes.filter { $0 == 200 }.count > 100)
            for (request, code) in zip(requests.lines, codes) where code == 500 || code < 200 {
                Issue.record("\(request) was answered by \(code)")
            }

            #expect(cluster.nodes.map { cluster.processID(of: $0) } == pids, "a node ended\n\(cluster.logs)")
            try await replicasAgree()
            for node in cluster.nodes { kill(try #require(cluster.processID(of: node)), SIGKILL) }
            for node in cluster.nodes {
                try await eventually("the end of node-\(node)") {
                    if cluster.processID(of: node) != nil { throw NotYet("it runs") }
                }
            }
            for node in cluster.nodes { try cluster.restart(node) }
            try await cluster.allNodesReady()
            try await replicasAgree()
            try await cluster.succeed("get vms")
        }

        /// Every node shows the same objects at the same versions.
        private func replicasAgree() async throws {
            try await eventually("the same objects on every node") {
                var seen: [[JSON?]] = []
                for node in cluster.nodes {
                    let requests = try RawRequests(cluster)
                    for plural in ["virtualmachines", "images", "nodes"] {
                        requests.add("GET", "/apis/blixard.dev/v1/\(plural)?consistency=stale", nil)
                    }
                    _ = try await requests.run(at: cluster.port(of: node))
                    seen.append(
                        try requests.answers().flatMap { list in
                            (list["items"]?.array ?? []).flatMap { [$0["metadata"], $0["spec"]] }
                        })
                }
                guard seen.allSatisfy({ $0 == seen[0] }), !seen[0].isEmpty else {
                    throw NotYet("\(seen.map(\.count)) objects\n\(cluster.logs)")
                }
            }
        }
    }
}

/// Requests that `curl` sends as the cluster's administrator, one after the other.
private final class RawRequests {
    private static let curl = "/usr/bin/curl"
    private static let openssl = "/usr/bin/openssl"

    static var arePossible: Bool { [curl, openssl].allSatisfy { (path: String) in access(path, X_OK) == 0 } }

    private let cluster: TestCluster
    private let directory: String
    private(set) var lines: [String] = []
    private var bodies: [JSON?] = []

    var count: Int { lines.count }

    init(_ cluster: TestCluster) throws {
        self.cluster = cluster
        var template = Array((cluster.root + "/requests-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("no directory can be made in \(cluster.root)") }
        directory = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    func add(_ method: String, _ target: String, _ body: JSON?) {
        lines.append("\(method) \(target)")
        bodies.append(body)
    }

    /// The answers' codes in the order of the requests; 0 for one that got no answer.
    func run(at port: Int) async throws -> [Int] {
        let key = cluster.root + "/config/identity.key"
        let certificate = directory + "/me.crt"
        try await program(
            Self.openssl, ["req", "-x509", "-new", "-key", key, "-subj", "/CN=me", "-days", "2", "-out", certificate])
        var config = ""
        for (number, line) in lines.enumerated() {
            let words = line.split(separator: " ")
            config += """
                url = "https://127.0.0.1:\(port)\(words[1])"
                request = "\(words[0])"
                output = "\(directory)/answer-\(number)"
                write-out = "%{http_code}\\n"
                cert = "\(certificate)"
                key = "\(key)"
                max-time = 60
                insecure
                silent
                globoff
                http1.1

                """
            if let body = bodies[number] {
                let path = "\(directory)/body-\(number)"
                try TextFile.write(String(decoding: body.canonicalBytes, as: UTF8.self), to: path)
                config += "header = \"Content-Type: application/json\"\ndata-binary = \"@\(path)\"\n"
            }
            config += "next\n"
        }
        config.removeLast("next\n".utf8.count)
        try TextFile.write(config, to: directory + "/config")
        return try await program(Self.curl, ["-K", directory + "/config"]).split(separator: "\n").map { Int($0) ?? 0 }
    }

    /// What was answered to each request.
    func answers() throws -> [JSON] {
        try lines.indices.map { try JSON(parsing: TextFile.read("\(directory)/answer-\($0)") ?? "") }
    }

    @discardableResult
    private func program(_ path: String, _ arguments: [String]) async throws -> String {
        let program = try RunningProgram(
            path, arguments, environment: cluster.environment, outputBase: "\(directory)/program")
        defer { program.kill() }
        // The exit code is that of the last transfer; what counts is what each of them says.
        return try await program.result(within: .seconds(300)).output
    }
}
