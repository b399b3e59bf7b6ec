import ArgumentParser

/// The flags that configure a node.
struct NodeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A JSON file with these settings; flags and environment win.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The node's number in the cluster.", valueName: "number"))
    var id: String?

    @Option(help: ArgumentHelp("The name of its Node object (default: node-<id>).", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("Where the mesh listens.", valueName: "host:port"))
    var bind: String?

    @Option(name: .customLong("data-dir"), help: ArgumentHelp("Its key, log and machines.", valueName: "directory"))
    var dataDirectory: String?

    @Option(help: ArgumentHelp("What runs machines (default: qemu).", valueName: "qemu|simulated"))
    var hypervisor: String?

    @Option(
        name: .customLong("log-level"),
        help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    @Option(
        name: .customLong("bootstrap-bind"),
        help: ArgumentHelp(
            "Plain HTTP for /bootstrap, /healthz, /metrics (default: bind port + 1000).", valueName: "host:port"))
    var bootstrapBind: String?

    @Option(
        parsing: .singleValue, help: ArgumentHelp("An address that others dial. Repeatable.", valueName: "host:port"))
    var advertise: [String] = []

    @Option(help: ArgumentHelp("Processors that its machines share (default: the host's).", valueName: "count"))
    var cpus: String?

    @Option(help: ArgumentHelp("Memory that its machines share (default: the host's).", valueName: "quantity"))
    var memory: String?

    @Option(
        name: .customLong("source-dir"), parsing: .singleValue,
        help: ArgumentHelp(
            "A directory that images may be read from (default: none). Repeatable.", valueName: "directory"))
    var sourceDirectories: [String] = []

    /// Flags first, then the environment, then the file.
    func settings(in world: World, joining: [(NodeSetting, String?)]) throws -> NodeSettings {
        var settings = NodeSettings()
        let flags: [(NodeSetting, String?)] = [
            (.id, id), (.name, name), (.bind, bind), (.dataDirectory, dataDirectory), (.hypervisor, hypervisor),
            (.logLevel, logLevel), (.bootstrapBind, bootstrapBind),
            (.advertise, advertise.isEmpty ? nil : advertise.joined(separator: ",")), (.cpus, cpus), (.memory, memory),
            (.sourceDirectories, sourceDirectories.isEmpty ? nil : sourceDirectories.joined(separator: ":")),
        ]
        for (setting, text) in flags + joining {
            if let text { settings.add(setting, text, origin: "--\(setting.key)") }
        }
        settings.add(environment: world.environment)
        if let config { try settings.add(file: config) }
        return settings
    }
}
