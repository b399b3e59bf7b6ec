import JSONText

/// Which process it was, in a way that holds when its number is given to another.
public struct ProcessRecord: Equatable, Sendable {
    public var pid: Int32
    /// When it started, in clock ticks since the host did.
    public var startTicks: UInt64
    /// Which run of the host that was.
    public var bootID: String

    public init(pid: Int32, startTicks: UInt64, bootID: String) {
        self.pid = pid
        self.startTicks = startTicks
        self.bootID = bootID
    }

    var json: JSON {
        ["pid": .integer(Int64(pid)), "start_ticks": .integer(Int64(clamping: startTicks)), "boot_id": .string(bootID)]
    }

    init?(_ json: JSON) {
        guard let pid = json["pid"]?.integer, let number = Int32(exactly: pid), number > 0,
            let ticks = json["start_ticks"]?.integer, ticks >= 0, let bootID = json["boot_id"]?.string
        else { return nil }
        self.init(pid: number, startTicks: UInt64(ticks), bootID: bootID)
    }
}
