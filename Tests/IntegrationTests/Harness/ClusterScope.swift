import Testing

/// Gives a whole suite one cluster, which its tests share.
struct ClusterScope: SuiteTrait, TestScoping {
    let nodes: Int
    let hypervisor: String
    let prepare: @Sendable (TestCluster) async throws -> Void

    var isRecursive: Bool { false }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let cluster = try TestCluster(nodes: nodes, hypervisor: hypervisor)
        defer { cluster.end() }
        try await cluster.up()
        try await prepare(cluster)
        try await TestCluster.$shared.withValue(cluster) { try await function() }
    }
}

extension Trait where Self == ClusterScope {
    /// A cluster of `up` for the suite, and what is done with it before the first test.
    static func cluster(
        nodes: Int, hypervisor: String, prepare: @escaping @Sendable (TestCluster) async throws -> Void = { _ in }
    ) -> ClusterScope {
        ClusterScope(nodes: nodes, hypervisor: hypervisor, prepare: prepare)
    }
}

extension TestCluster {
    @TaskLocal static var shared: TestCluster?

    /// The cluster of the suite.
    static var ofSuite: TestCluster {
        get throws { try #require(shared, "the suite has no cluster") }
    }

    /// Runs a test with a cluster of its own that does not run yet, and ends it however the test ends.
    static func with(
        nodes: Int, hypervisor: String, nodeEnvironment: [String: String] = [:],
        _ body: (TestCluster) async throws -> Void
    ) async throws {
        let cluster = try TestCluster(nodes: nodes, hypervisor: hypervisor, nodeEnvironment: nodeEnvironment)
        defer { cluster.end() }
        try await body(cluster)
    }
}
