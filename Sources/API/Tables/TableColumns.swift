import Manifest

extension KindInfo {
    /// The columns of a table of this kind; the cells of a row come in the same order.
    var columns: [TableColumn] {
        switch self {
        case .virtualMachine: TableColumn.machines
        case .node: TableColumn.nodes
        case .image: TableColumn.images
        case .manifestSet: TableColumn.sets
        case .secret: TableColumn.secrets
        case .gitRepository: TableColumn.sources
        case .event: TableColumn.events
        default: [.narrow("Name", "Name of the object"), .narrow("Age", "Time since it was created")]
        }
    }
}

extension TableColumn {
    static let machines: [TableColumn] = [
        .narrow("Name", "Name of the machine"),
        .narrow("Status", "What the machine does, in one word"),
        .narrow("Ready", "Whether it runs as its manifest says"),
        .narrow("Node", "The node that it is bound to"),
        .narrow("IP", "Its first address"),
        .narrow("Age", "Time since it was created"),
        .wide("CPUs", "Virtual processors"),
        .wide("Memory", "Memory of the guest"),
        .wide("Hypervisor", "What runs it"),
        .wide("Revision", "Generation of its spec; running/wanted where they differ"),
        .wide("Last-Seen", "Time since its node was last heard from"),
    ]

    static let nodes: [TableColumn] = [
        .narrow("Name", "Name of the node"),
        .narrow("Status", "Whether it is there and takes machines"),
        .narrow("Roles", "Its part in the cluster"),
        .narrow("Age", "Time since it was first named"),
        .narrow("Version", "The program that it runs"),
        .wide("Address", "Where it can be dialed"),
        .wide("CPUs", "Processors that machines may use"),
        .wide("Memory", "Memory that machines may use"),
        .wide("Hypervisor", "What runs its machines"),
        .wide("Lag", "Log entries that it is behind the leader"),
        .wide("RTT", "Round-trip time from the leader"),
        .wide("Last-Seen", "Time since it was last heard from"),
    ]

    static let images: [TableColumn] = [
        .narrow("Name", "Name of the image"),
        .narrow("Format", "How its bytes are laid out"),
        .narrow("Nodes", "How many nodes hold it"),
        .narrow("Size", "Its size"),
        .narrow("Age", "Time since it was created"),
        .wide("Digest", "The beginning of its SHA-256"),
        .wide("Source", "Where it comes from"),
    ]

    static let sets: [TableColumn] = [
        .narrow("Name", "Name of the set"),
        .narrow("Revision", "The number of its newest revision"),
        .narrow("Members", "How many objects are members"),
        .narrow("Prune", "Whether an apply deletes what the set no longer names"),
        .narrow("Applied", "Time since its newest revision was applied"),
        .narrow("Age", "Time since it was created"),
        .wide("Author", "Who applied its newest revision"),
        .wide("Commit", "The Git commit of its newest revision"),
        .wide("Message", "Why its newest revision was applied"),
    ]

    static let secrets: [TableColumn] = [
        .narrow("Name", "Name of the Secret"),
        .narrow("Data", "How many values it has"),
        .narrow("Age", "Time since it was created"),
        .wide("Keys", "The keys of its values"),
        .wide("Sealed-By", "The version of the cluster's key that sealed them"),
    ]

    static let sources: [TableColumn] = [
        .narrow("Name", "Name of the repository"),
        .narrow("Revision", "The revision of the set that is in force"),
        .narrow("Commit", "The commit that is in force"),
        .narrow("Ready", "Whether the newest commit is in force"),
        .narrow("Age", "Time since it was created"),
        .wide("URL", "Where the repository is"),
        .wide("Ref", "The branch, tag or commit that is followed"),
        .wide("Path", "The directory whose manifests are applied"),
        .wide("Message", "Why it is ready or not"),
    ]

    static let events: [TableColumn] = [
        .narrow("Last Seen", "Time since it last happened"),
        .narrow("Type", "Normal or Warning"),
        .narrow("Reason", "What happened, in one word"),
        .narrow("Object", "To what it happened"),
        .narrow("Message", "What happened"),
        .wide("Source", "Who saw it"),
        .wide("Name", "Name of the event"),
    ]
}
