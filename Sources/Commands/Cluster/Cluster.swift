import ArgumentParser

/// `blixard cluster`: founding a cluster, how it is, and taking a node out of it.
struct Cluster: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Found a cluster, show how it is, take a node out of it, or make a new key for Secrets.",
        subcommands: [ClusterStatus.self, ClusterInit.self, ClusterRemove.self, ClusterRotateSecretsKey.self])
}
