import Contract
import Fleet
import JSONText
import Manifest
import Testing

@testable import API

@Suite("What a delete says of itself, and dry runs")
struct DryRunTests {
    private let web = "/apis/blixard.dev/v1/namespaces/default/virtualmachines/web"

    @Test("Every route that is no read refuses a dryRun that it does not know, and one that it can't do")
    func routes() async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            let before = server.backend.fleet
            for route in APIRoutes.all where route.verb != "GET" {
                let path = RightsTests.path(route)
                for word in ["None", "all", "", "true"] + (route.canBeRehearsed ? [] : ["All"]) {
                    let refused = await failure { () async throws(ClientFailure) in
                        try await client.send(
                            route.verb, path, query: [("dryRun", "All"), ("dryRun", word)],
                            body: ["documents": [], "spec": [:]],
                            contentType: route.verb == "PATCH" ? MediaType.mergePatch : MediaType.json,
                            request: nil)
                    }
                    // A plan records nothing, and what it is asked about is not there.
                    if route.path.hasSuffix("/plan") { continue }
                    #expect((400...422).contains(refused.code), "\(route.verb) \(path) dryRun=\(word)")
                    if !route.canBeRehearsed {
                        #expect(refused.status["message"]?.string?.contains("dryRun") == true, "\(route.verb) \(path)")
                    }
                }
            }
            #expect(server.backend.fleet == before)
            #expect(server.backend.with { $0.performed.isEmpty && $0.shutdowns.isEmpty })
        }
    }

    @Test("A write with an unknown dryRun writes nothing", arguments: ["None", "all", "", "true"])
    func unknown(word: String) async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            let before = server.backend.fleet
            let machines = "/apis/blixard.dev/v1/namespaces/default/virtualmachines"
            let writes: [(String, String, JSON)] = [
                ("POST", machines, Samples.manifest("new")), ("PUT", web, Samples.manifest("web")),
                ("PATCH", web, ["spec": ["vcpus": 2]]), ("DELETE", web, nil),
                ("POST", "/blixard/v1/apply", ["documents": [Samples.manifest("new")]]),
                ("POST", "/blixard/v1/delete", ["objects": [["kind": "VirtualMachine", "name": "web"]]]),
            ]
            for (method, path, body) in writes {
                let refused = await failure { () async throws(ClientFailure) in
                    try await client.send(
                        method, path, query: [("dryRun", word)], body: body,
                        contentType: method == "PATCH" ? MediaType.mergePatch : MediaType.json, request: nil)
                }
                #expect(refused.code == 400, "\(method) \(path)")
                #expect(refused.status["message"]?.string?.contains("dryRun") == true)
            }
            #expect(server.backend.fleet == before)
        }
    }

    @Test(
        "DeleteOptions that say dryRun, as kubectl sends them, delete nothing",
        arguments: [
            #"{"kind":"DeleteOptions","apiVersion":"v1","dryRun":["All"]}"#,
            #"{"apiVersion":"blixard.dev/v1","kind":"DeleteOptions","dryRun":["All"],"propagationPolicy":"Background"}"#,
            #"{"dryRun":["All","All"],"gracePeriodSeconds":0,"preconditions":{}}"#,
        ])
    func dryRunInBody(text: String) async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            let before = server.backend.fleet
            _ = try await client.send("DELETE", web, body: try JSON(parsing: text), request: nil)
            #expect(server.backend.fleet == before)
        }
    }

    @Test(
        "DeleteOptions that are not heeded are refused, and nothing is deleted",
        arguments: [
            #"{"dryRun":["None"]}"#, #"{"dryRun":["All","Nothing"]}"#, #"{"dryRun":"All"}"#, #"{"dryRun":true}"#,
            #"{"dryrun":["All"]}"#, #"{"kind":"Status"}"#, #"{"apiVersion":"v2"}"#, #"{"gracePeriodSeconds":-1}"#,
            #"{"gracePeriodSeconds":86401}"#, #"{"gracePeriodSeconds":9223372036854775807}"#,
            #"{"gracePeriodSeconds":"5"}"#, #"{"gracePeriodSeconds":1.5}"#, #"{"propagationPolicy":"Never"}"#,
            #"{"orphanDependents":"yes"}"#, #"{"preconditions":[]}"#, #"{"preconditions":{"uid":7}}"#,
            #"{"preconditions":{"uid":"x"}}"#, #"{"preconditions":{"resourceVersion":12}}"#,
            #"{"preconditions":{"generation":"1"}}"#, #"[]"#,
            #"{"ignoreStoreReadErrorWithClusterBreakingPotential":true}"#,
        ])
    func refused(text: String) async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            let before = server.backend.fleet
            let body = try JSON(parsing: text)
            let refused = await failure { () async throws(ClientFailure) in
                try await client.send("DELETE", web, body: body, request: nil)
            }
            #expect(refused.code == 400, "\(refused)")
            #expect(server.backend.fleet == before)
        }
    }

    @Test(
        "The query of a delete is as strict as its body",
        arguments: [
            ("gracePeriodSeconds", "86401"), ("gracePeriodSeconds", "-1"),
            ("gracePeriodSeconds", "9223372036854775808"), ("gracePeriodSeconds", "x"), ("propagationPolicy", "Never"),
            ("orphanDependents", "maybe"), ("ignoreStoreReadErrorWithClusterBreakingPotential", "true"),
            ("dryRun", "None"), ("dryRun", ""),
        ])
    func query(name: String, value: String) async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            let before = server.backend.fleet
            let refused = await failure { () async throws(ClientFailure) in
                try await client.send("DELETE", web, query: [(name, value)], body: nil, request: nil)
            }
            #expect(refused.code == 400, "\(refused)")
            #expect(server.backend.fleet == before)
        }
    }

    @Test(
        "The body of a request for several objects has nothing that is passed over",
        arguments: [
            ("delete", #"{"objects":[{"kind":"VirtualMachine","name":"web"}],"dryRun":["All"]}"#),
            ("delete", #"{"objects":[{"kind":"VirtualMachine","name":"web","uid":"x"}]}"#),
            ("apply", #"{"documents":[],"dryRun":true}"#),
        ])
    func sets(path: String, text: String) async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            let before = server.backend.fleet
            let body = try JSON(parsing: text)
            let refused = await failure { () async throws(ClientFailure) in
                try await client.send("POST", "/blixard/v1/\(path)", body: body, request: nil)
            }
            #expect(refused.code == 400)
            #expect(refused.status["message"]?.string?.contains("unknown field") == true)
            #expect(server.backend.fleet == before)
        }
    }

    @Test("A conflict says once that the operation cannot be fulfilled")
    func conflict() async throws {
        try await withServer { server, client in
            server.backend.put([Samples.put(Samples.machine("web"))])
            let refused = await failure { () async throws(ClientFailure) in
                try await client.send(
                    "DELETE", web, body: ["preconditions": ["resourceVersion": "1"]], request: nil)
            }
            #expect(refused.code == 409)
            #expect(
                refused.status["message"]
                    == """
                    Operation cannot be fulfilled on virtualmachines.blixard.dev "web": the object has been modified; \
                    please apply your changes to the latest version and try again
                    """)
        }
    }
}
