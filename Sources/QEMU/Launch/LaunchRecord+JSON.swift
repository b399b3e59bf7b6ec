import Hypervisor
import JSONText
import Primitives

/// The record as a JSON file; `format` is raised when a reader of today would misunderstand it.
extension LaunchRecord {
    private static let format: Int64 = 1
    /// Far more than a command line can have.
    static let fileBytes = 1 << 20

    var json: JSON {
        var json: JSON = [
            "format": .integer(Self.format),
            "uid": .string(uid.description),
            "name": .string(name),
            // As text: beyond 2^53 other readers of JSON would round them.
            "epoch": .string(String(epoch)),
            "generation": .string(String(generation)),
            "launchDigest": .string(launchDigest),
            "executable": .string(executable),
            "arguments": .array(arguments.map(JSON.string)),
            "accelerator": .string(accelerator.rawValue),
            "bootID": .string(bootID),
            "startedAtMilliseconds": .integer(startedAt.milliseconds),
        ]
        if let process {
            json["process"] = [
                "pid": .integer(Int64(process.pid)),
                "startTicks": .string(String(process.startTicks)),
                "version": process.version.map(JSON.string) ?? .null,
                "machineType": process.machineType.map(JSON.string) ?? .null,
            ]
        }
        if !bootImages.isEmpty {
            var files = JSONObject()
            for (image, name) in bootImages.sorted(by: { $0.key < $1.key }) { files[image] = .string(name) }
            json["bootImages"] = .object(files)
        }
        if let graceMilliseconds { json["graceMilliseconds"] = .integer(graceMilliseconds) }
        if let ended { json["ended"] = Self.json(of: ended) }
        return json
    }

    /// Why a record can't be read.
    struct Problem: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    init(json: JSON) throws(Problem) {
        func text(_ key: String) throws(Problem) -> String {
            guard let text = json[key]?.string else { throw Problem(description: "\(key) is missing or no string") }
            return text
        }
        func number(_ key: String) throws(Problem) -> UInt64 {
            guard let number = UInt64(try text(key)) else { throw Problem(description: "\(key) is no number") }
            return number
        }
        guard json["format"]?.integer == Self.format else {
            throw Problem(description: "format \(json["format"]?.integer ?? 0) is unknown; this program reads 1")
        }
        guard let uid = UID(try text("uid")) else { throw Problem(description: "uid is no UUID") }
        guard let accelerator = Accelerator(rawValue: try text("accelerator")) else {
            throw Problem(description: "accelerator must be kvm or tcg")
        }
        guard let arguments = json["arguments"]?.array, let milliseconds = json["startedAtMilliseconds"]?.integer else {
            throw Problem(description: "arguments or startedAtMilliseconds is missing")
        }
        self.uid = uid
        self.accelerator = accelerator
        self.arguments = arguments.compactMap(\.string)
        name = try text("name")
        epoch = try number("epoch")
        generation = try number("generation")
        launchDigest = try text("launchDigest")
        executable = try text("executable")
        bootID = try text("bootID")
        startedAt = WallTime(milliseconds: milliseconds)
        process = try json["process"].map { (json) throws(Problem) in try Self.process(in: json) }
        ended = json["ended"].map(Self.stopReason(in:))
        graceMilliseconds = json["graceMilliseconds"]?.integer.map {
            min(max(0, $0), Int64(Limits.deletionGraceSeconds) * 1000)
        }
        for member in json["bootImages"]?.object?.members ?? [] { bootImages[member.key] = member.value.string }
    }

    private static func process(in json: JSON) throws(Problem) -> Process {
        guard let pid = json["pid"]?.integer.flatMap(Int32.init(exactly:)), pid > 0,
            let ticks = json["startTicks"]?.string.flatMap(UInt64.init)
        else { throw Problem(description: "process has no pid or startTicks") }
        return Process(
            pid: pid, startTicks: ticks, version: json["version"]?.string, machineType: json["machineType"]?.string)
    }

    private static func json(of reason: StopReason) -> JSON {
        switch reason {
        case .neverStarted: ["reason": "neverStarted"]
        case .guestPoweredOff: ["reason": "guestPoweredOff"]
        case .stoppedByRequest: ["reason": "stoppedByRequest"]
        case .crashed(let message): ["reason": "crashed", "message": .string(message)]
        case .hostRestarted: ["reason": "hostRestarted"]
        case .unknown: ["reason": "unknown"]
        }
    }

    /// A word of a newer program is a reason that this one does not know.
    private static func stopReason(in json: JSON) -> StopReason {
        switch json["reason"]?.string {
        case "neverStarted": .neverStarted
        case "guestPoweredOff": .guestPoweredOff
        case "stoppedByRequest": .stoppedByRequest
        case "crashed": .crashed(message: json["message"]?.string ?? "")
        case "hostRestarted": .hostRestarted
        default: .unknown
        }
    }
}
