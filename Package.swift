// swift-tools-version: 6.2
import PackageDescription

// What every target of ours is compiled with: imports are internal unless a public signature needs them, each file
// imports what it uses, and an existential is spelled `any`.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A library target that only computes: values in, values out.
func pure(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

/// A library target that touches the world and decides nothing.
func shell(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of a target, with what they import besides it.
func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, swiftSettings: settings)
}

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "blixard",
    dependencies: [
        // The command line: parsing, help and shell completion.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Log lines as constant messages with metadata.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // Sockets and event loops under the mesh and the HTTP API.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // TLS 1.3 (BoringSSL) for the mesh.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // Ed25519 keys and SHA-256.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // The HTTP server's connection handling and routing.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        // Requests and responses as Hummingbird names them.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        // Images and manifests from http(s) sources.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        // YAML manifests in, `-o yaml` out.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // System calls that Swift can't make by itself.
        .target(name: "CLinux"),

        // Bytes, checksums, time, seeded randomness, backoff, limits.
        pure("Primitives"),
        tests(of: "Primitives"),
        // JSON as a value: strict parser with positions, canonical writer.
        pure("JSONText", ["Primitives"]),
        tests(of: "JSONText", ["Primitives"]),
        // Consensus as a value: inputs in, effects out.
        pure("Raft", ["Primitives"]),
        tests(of: "Raft", ["Primitives", "TestFiles"]),
        // Documents of each kind: schemas, defaults, quantities, selectors, typed views.
        pure("Manifest", ["Primitives", "JSONText"], resources: [.embedInCode("Schemas")]),
        tests(of: "Manifest", ["Primitives", "JSONText", "EdgeValues", "EditorSchemas", "TestFiles"]),
        // The replicated state machine.
        pure("Fleet", ["Primitives", "Manifest"]),
        tests(of: "Fleet", ["Primitives", "Manifest"]),
        // What is asked of a driver and what it observes, and simulated machines as a value.
        pure("Hypervisor", ["Primitives"]),
        tests(of: "Hypervisor", ["Primitives"]),
        // Plans: machines, placement, peers.
        pure("Reconcile", ["Primitives", "JSONText", "Manifest", "Fleet", "Hypervisor"]),
        tests(of: "Reconcile", ["Primitives", "JSONText", "Manifest", "Fleet", "Hypervisor", "EdgeValues"]),
        // Binary forms of log entries and of what nodes tell each other.
        pure("Wire", ["Primitives", "Raft", "Fleet"]),
        tests(of: "Wire", ["Primitives", "Raft", "Manifest", "Fleet"]),
        // One node as a value: consensus, fleet and loops.
        pure(
            "Replica",
            ["Primitives", "JSONText", "Raft", "Manifest", "Fleet", "Hypervisor", "Reconcile", "Wire"]),
        tests(
            of: "Replica",
            [
                "Primitives", "JSONText", "Raft", "Manifest", "Fleet", "Hypervisor", "Reconcile", "Wire",
                "TestFiles", "EdgeValues",
                // For the list of verbs.
                "Commands", argumentParser,
            ]),
        // What the API's server and clients say to each other: paths, headers, bodies, failures.
        pure("Contract", ["Primitives", "JSONText", "Manifest", "Fleet", "Reconcile"]),
        tests(
            of: "Contract",
            ["Primitives", "JSONText", "Manifest", "Fleet", "Hypervisor", "Reconcile", "EditorSchemas"]),

        // Child processes, durable files, threads, clocks.
        shell("Host", ["Primitives", "CLinux"]),
        tests(of: "Host", ["Primitives", "TestFiles"]),
        // A disk as a value, and every way in which one fails or crashes.
        shell("DiskFaults", ["Host"]),
        tests(of: "DiskFaults", ["Primitives", "Host"]),
        // The write-ahead log and its snapshots.
        shell("Journal", ["Primitives", "Raft", "Host"]),
        tests(of: "Journal", ["Primitives", "Raft", "Host", "DiskFaults", "TestFiles"]),
        // The encrypted peer-to-peer mesh: identity, TLS, ALPN router, peers.
        shell("Mesh", ["Primitives", "JSONText", "Host", nioCore, nioPosix, nioTLS, nioSSL, crypto, logging]),
        tests(of: "Mesh", ["Primitives", "Host", "TestFiles", nioCore, nioPosix, nioSSL, logging]),
        // The calls that every driver answers, and what drivers share.
        shell("DriverPort", ["Primitives", "Hypervisor"]),
        tests(of: "DriverPort", ["Primitives", "Hypervisor"]),
        // The QEMU driver.
        shell("QEMU", ["Primitives", "JSONText", "Hypervisor", "Host", "DriverPort", "CLinux"]),
        tests(of: "QEMU", ["Primitives", "JSONText", "Hypervisor", "Host", "TestFiles"]),
        // The driver whose machines exist only in memory and in small files.
        shell("SimulatedDriver", ["Primitives", "Hypervisor", "DriverPort"]),
        tests(of: "SimulatedDriver", ["Primitives", "Hypervisor", "DriverPort", "TestFiles"]),
        // Seals values of Secrets, and opens them.
        shell("Sealing", ["Primitives", "Manifest", "Fleet", crypto]),
        tests(of: "Sealing", ["Primitives", "Manifest", "Fleet"]),
        // Texts of manifest files, JSON and YAML, as sources of manifests.
        shell("ManifestFiles", ["Primitives", "JSONText", "Manifest", yams]),
        tests(of: "ManifestFiles", ["JSONText", "Manifest"]),
        // The HTTP API, server and client.
        shell(
            "API",
            [
                "Primitives", "JSONText", "Manifest", "Fleet", "Reconcile", "Contract", "Host", "Mesh", "Sealing",
                hummingbird,
                hummingbirdCore, httpTypes, nioCore, nioPosix, nioHTTP1, logging, crypto,
            ]),
        tests(
            of: "API",
            [
                "Primitives", "JSONText", "Manifest", "Fleet", "Reconcile", "Contract", "Mesh", "Sealing",
                "EdgeValues", "TestFiles", nioCore, nioPosix, nioHTTP1, logging, crypto,
            ]),
        // The node daemon: performs the replica's effects with the real shells.
        shell(
            "Agent",
            [
                "Primitives", "JSONText", "Raft", "Manifest", "Fleet", "Hypervisor", "Reconcile", "Wire", "Replica",
                "Contract", "Host", "CLinux", "Journal", "Mesh", "DriverPort", "QEMU", "SimulatedDriver", "Sealing",
                "ManifestFiles", "API", nioCore, nioPosix, nioHTTP1, crypto, logging, asyncHTTPClient,
            ]),
        tests(
            of: "Agent",
            [
                "Primitives", "JSONText", "Raft", "Manifest", "Fleet", "Hypervisor", "Reconcile", "Wire", "Replica",
                "Contract", "Host", "CLinux", "Journal", "Mesh", "Sealing", "API", "TestFiles", nioCore, nioPosix,
                nioHTTP1,
                crypto, logging,
            ]),
        // Whole clusters in one thread from one seed, with faults and checks.
        shell(
            "Simulation",
            [
                "Primitives", "Raft", "Manifest", "Fleet", "Hypervisor", "Reconcile", "Wire", "Replica", "Host",
                "DiskFaults", "Journal",
            ]),
        tests(
            of: "Simulation",
            ["Primitives", "Raft", "Fleet", "Replica", "Host", "Journal", "TestFiles", "blixard-simulate"]),
        // All commands of the program, and how their results are shown.
        shell(
            "Commands",
            [
                "Primitives", "JSONText", "Raft", "Manifest", "Fleet", "Reconcile", "Contract", "Host", "Journal",
                "ManifestFiles", argumentParser, asyncHTTPClient, nioCore, nioPosix, nioHTTP1,
            ]),
        tests(
            of: "Commands",
            [
                "Primitives", "JSONText", "Raft", "Manifest", "Fleet", "Reconcile", "Contract", "Host", "Journal",
                "ManifestFiles", "TestFiles", "EdgeValues", "EditorSchemas", argumentParser, yams, nioCore, nioPosix,
                nioHTTP1,
            ]),
        // The program.
        .executableTarget(
            name: "blixard",
            dependencies: [
                "Primitives", "JSONText", "Contract", "Host", "Mesh", "API", "Agent", "Commands", nioCore, nioPosix,
                logging,
            ],
            swiftSettings: settings),
        // Files, directories and published data for tests.
        .target(name: "TestFiles", path: "Tests/TestFiles", swiftSettings: settings),
        // Values at the edges of every field of the schemas, for tests.
        .target(
            name: "EdgeValues", dependencies: ["Primitives", "JSONText", "Manifest"], path: "Tests/EdgeValues",
            swiftSettings: settings),
        // A JSON Schema validator as an editor has one, for tests.
        .target(
            name: "EditorSchemas", dependencies: ["JSONText", "TestFiles"], path: "Tests/EditorSchemas",
            swiftSettings: settings),
        // The built program: real processes, sockets and machines.
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Primitives", "JSONText", "Manifest", "Contract", "Host", "Mesh", "API", "TestFiles", "EdgeValues",
                "blixard", nioCore, nioPosix,
            ],
            swiftSettings: settings),
        // Simulated clusters alone: a build of minutes, for long runs and for CI.
        .executableTarget(name: "blixard-simulate", dependencies: ["Simulation"], swiftSettings: settings),
        // Benchmarks of the program.
        .executableTarget(
            name: "blixard-bench",
            dependencies: [
                "Primitives", "JSONText", "Manifest", "Fleet", "Contract", "Host", "Mesh", "API", nioCore, nioPosix,
                argumentParser,
            ],
            swiftSettings: settings),
    ]
)
