import ArgumentParser

/// `blixard cluster`: founding a cluster, and how it is.
struct Cluster: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster", abstract: "Found a cluster, or show how it is.",
        subcommands: [ClusterStatus.self, ClusterInit.self])
}
