/// One setting of a node and its three spellings.
enum NodeSetting: String, CaseIterable {
    case id
    case name
    case bind
    case dataDirectory = "data-dir"
    case joinTicket = "join-ticket"
    case joinAddress = "join-address"
    case expectedKey = "expect-key"
    case hypervisor
    case logLevel = "log-level"
    case bootstrapBind = "bootstrap-bind"
    case advertise
    case cpus
    case memory
    case sourceDirectories = "source-dir"

    /// In a configuration file, and with two dashes before it on the command line.
    var key: String { rawValue }

    var variable: String {
        switch self {
        case .id: "BLIXARD_NODE_ID"
        case .name: "BLIXARD_NODE_NAME"
        case .bind: "BLIXARD_BIND_ADDRESS"
        case .dataDirectory: "BLIXARD_DATA_DIR"
        case .joinTicket: "BLIXARD_JOIN_TICKET"
        case .joinAddress: "BLIXARD_JOIN_ADDRESS"
        case .expectedKey: "BLIXARD_EXPECT_KEY"
        case .hypervisor: "BLIXARD_HYPERVISOR"
        case .logLevel: "BLIXARD_LOG_LEVEL"
        case .bootstrapBind: "BLIXARD_BOOTSTRAP_BIND"
        case .advertise: "BLIXARD_ADVERTISE"
        case .cpus: "BLIXARD_CPUS"
        case .memory: "BLIXARD_MEMORY"
        case .sourceDirectories: "BLIXARD_SOURCE_DIRS"
        }
    }

    /// What stands between several values; nil for a setting that has one.
    var separator: String? {
        switch self {
        case .advertise: ","
        case .sourceDirectories: ":"
        default: nil
        }
    }
}

/// What was said about settings, and where: the strongest word for each.
struct NodeSettings {
    struct Found: Equatable {
        var text: String
        /// `--bind`, `BLIXARD_BIND_ADDRESS`, or `node.json: bind`.
        var origin: String
    }

    private var found: [NodeSetting: Found] = [:]

    subscript(setting: NodeSetting) -> Found? { found[setting] }

    /// Says it unless a stronger source said it already.
    mutating func add(_ setting: NodeSetting, _ text: String, origin: String) {
        if found[setting] == nil { found[setting] = Found(text: text, origin: origin) }
    }
}
