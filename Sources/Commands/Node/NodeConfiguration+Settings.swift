import Manifest
import Primitives

extension NodeConfiguration {
    /// Checks every setting; all problems are reported at once.
    init(_ settings: NodeSettings) throws {
        var problems: [String] = []
        func problem(_ found: NodeSettings.Found, _ rule: String) {
            problems.append("error: \(found.origin) \"\(found.text)\" \(rule)")
        }
        func parsed<Value>(_ setting: NodeSetting, _ rule: String, _ read: (String) -> Value?) -> Value? {
            guard let found = settings[setting] else { return nil }
            let value = read(found.text)
            if value == nil { problem(found, rule) }
            return value
        }
        func address(_ setting: NodeSetting) -> String? {
            parsed(setting, "must be host:port") { Self.isAddress($0) ? $0 : nil }
        }

        self.init(bind: nil, dataDirectory: settings[.dataDirectory]?.text ?? "")
        if settings[.dataDirectory] == nil {
            problems.append("error: --data-dir is needed: the directory for the node's key, log and machines")
        }
        bind = address(.bind)
        bootstrapBind = address(.bootstrapBind)
        id = parsed(.id, "must be a whole number of 1 to \(UInt32.max)") {
            UInt32($0).flatMap { $0 > 0 ? UInt64($0) : nil }
        }
        name = parsed(.name, "must be a lowercase RFC 1123 label, such as node-1") {
            NameRules.labelProblem($0) == nil ? $0 : nil
        }
        joinTicket = settings[.joinTicket]?.text
        if let found = settings[.joinTicket], !Self.isTicket(found.text) {
            // Its text may be a secret all the same.
            problems.append("error: \(found.origin) is no ticket: it must begin with blx1, or be @ and a file's path")
        }
        joinAddress = settings[.joinAddress]?.text
        expectedKey = parsed(.expectedKey, "must be 64 hexadecimal digits") { PublicKey(hex: $0) }
        hypervisor =
            parsed(.hypervisor, "must be \(HypervisorName.allCases.map(\.rawValue).joined(separator: " or "))") {
                HypervisorName(rawValue: $0)
            } ?? .qemu
        logLevel =
            parsed(.logLevel, "must be one of \(Self.logLevels.joined(separator: ", "))") {
                Self.logLevels.contains($0) ? $0 : nil
            } ?? "info"
        advertise =
            parsed(.advertise, "must be host:port, with commas between several") { text in
                let addresses = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                return addresses.allSatisfy(Self.isAddress) ? addresses : nil
            } ?? []
        cpus = parsed(.cpus, "must be a whole number of 1 to \(Self.mostCPUs)") {
            Int($0).flatMap { (1...Self.mostCPUs).contains($0) ? $0 : nil }
        }
        memoryBytes = parsed(.memory, "must be a quantity above 0, such as 4Gi, and at most 1Pi") {
            Quantity($0)?.whole.flatMap { (1...Self.mostMemoryBytes).contains($0) ? $0 : nil }
        }
        sourceDirectories =
            parsed(.sourceDirectories, SourceDirectoryList.rule) { SourceDirectoryList($0)?.directories } ?? []
        if joinAddress != nil, joinTicket == nil {
            problems.append(
                "error: --join-address only says where a member is; what lets a node in is --join-ticket, "
                    + "from `blixard ticket create`")
        }
        if expectedKey != nil, joinAddress == nil {
            problems.append("error: --expect-key is for --join-address, which is missing")
        }
        guard problems.isEmpty else { throw CommandFailure(text: problems.joined(separator: "\n")) }
    }

    /// The most processors and memory that a node may say it has.
    private static let mostCPUs = 4096
    private static let mostMemoryBytes: Int64 = 1 << 50

    private static func isTicket(_ text: String) -> Bool {
        text.lowercased().hasPrefix("blx1") || text.hasPrefix("@") && text != "@"
    }

    /// `host:port` with a port above 0; an IPv6 address stands in brackets.
    static func isAddress(_ text: String) -> Bool {
        guard let colon = text.lastIndex(of: ":") else { return false }
        let host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            (1...65_535).contains(port), !host.isEmpty
        else { return false }
        return !host.contains(":") || (host.hasPrefix("[") && host.hasSuffix("]"))
    }
}
