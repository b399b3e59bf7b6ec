public import Hypervisor
public import JSONText
import Manifest
public import Primitives

// How a node tells another what it sees, so that a plan for the whole cluster can be made anywhere. Instants stay at
// home: they travel as ages and as time to go.
extension NodeObservations {
    /// A year: an older look than that is none.
    private static let longestAgeMilliseconds: Int64 = 31_536_000_000

    public func json(now: Instant) -> JSON {
        var list: [JSON] = []
        for (uid, machine) in machines.sorted(by: { $0.key < $1.key }) {
            var told: JSON = [
                "uid": .string(uid.description), "ageMilliseconds": .integer(machine.ageMilliseconds),
                "generation": .string(String(machine.generation)), "observation": machine.observation.json,
                "history": machine.history.json(now: now),
            ]
            if machine.isBeingRemoved { told["removing"] = true }
            if let retryAt = machine.retryAt { told["retryMilliseconds"] = .integer(max(0, retryAt - now)) }
            list.append(told)
        }
        var shelf = JSONObject()
        for (name, image) in images.sorted(by: { $0.key < $1.key }) { shelf[name] = image.json }
        var json: JSON = ["machines": .array(list), "images": .object(shelf)]
        if isEnding { json["ending"] = true }
        return json
    }

    /// Reads what another node told; nil if it is not of that form.
    ///
    /// - Parameter now: The instant, by this node's clock, that the other's "now" is taken for.
    public init?(json: JSON, now: Instant) {
        guard let list = json["machines"]?.array, let shelf = json["images"]?.object else { return nil }
        var machines: [UID: Machine] = [:]
        for item in list {
            guard let uid = item["uid"]?.string.flatMap({ UID($0) }), let age = item["ageMilliseconds"]?.integer,
                (0...Self.longestAgeMilliseconds).contains(age),
                let observation = item["observation"].flatMap({
                    MachineObservation(uid: uid, json: $0, now: now, age: age)
                }),
                let history = item["history"].flatMap({ MachineHistory(json: $0, now: now) }),
                let generation = item["generation"]?.string.flatMap({ UInt64($0) })
            else { return nil }
            var machine = Machine(
                observation: observation, history: history, generation: generation, ageMilliseconds: age)
            machine.isBeingRemoved = item["removing"]?.bool == true
            if let left = item["retryMilliseconds"] {
                guard let milliseconds = left.integer, (0...Self.longestAgeMilliseconds).contains(milliseconds) else {
                    return nil
                }
                machine.retryAt = now + milliseconds
            }
            machines[uid] = machine
        }
        var images: [String: NodeImage] = [:]
        for member in shelf.members {
            guard let image = NodeImage(json: member.value) else { return nil }
            images[member.key] = image
        }
        self.init(machines: machines, images: images, isEnding: json["ending"]?.bool == true)
    }
}

extension NodeImage {
    fileprivate var json: JSON {
        [
            "uid": .string(uid.description), "source": .string(spec.source), "digest": .string(spec.digestHex),
            "format": .string(spec.format.rawValue), "holding": holding.json,
        ]
    }

    fileprivate init?(json: JSON) {
        guard let uid = json["uid"]?.string.flatMap({ UID($0) }), let source = json["source"]?.string,
            let digest = json["digest"]?.string,
            let format = json["format"]?.string.flatMap({ ImageSpec.ImageFormat(rawValue: $0) }),
            let holding = json["holding"].flatMap({ ImageShelf.Holding(json: $0) })
        else { return nil }
        self.init(
            uid: uid, spec: ImageSpec(source: source, digestHex: digest, format: format), holding: holding)
    }
}

extension MachineObservation {
    fileprivate var json: JSON {
        var object: JSON = ["state": .string(state.word)]
        switch state {
        case .stopped(let reason):
            object["reason"] = .string(reason.word)
            if case .crashed(let message) = reason { object["detail"] = .string(message) }
        case .ioError(let message): object["detail"] = .string(message)
        case .unresponsive(let attempts): object["attempts"] = .integer(Int64(attempts))
        default: break
        }
        if case .foreign(let stranger) = state { object["pid"] = .integer(Int64(stranger)) }
        if let pid { object["pid"] = .integer(Int64(pid)) }
        if let epoch { object["epoch"] = .integer(Int64(clamping: epoch)) }
        if let generation { object["generation"] = .integer(Int64(clamping: generation)) }
        if let launchDigest { object["launchDigest"] = .string(launchDigest) }
        if let message { object["message"] = .string(message) }
        if let disks { object["disks"] = .array(disks.map(JSON.string)) }
        if !bootImages.isEmpty {
            var files = JSONObject()
            for (image, path) in bootImages.sorted(by: { $0.key < $1.key }) { files[image] = .string(path) }
            object["bootImages"] = .object(files)
        }
        return object
    }

    fileprivate init?(uid: UID, json: JSON, now: Instant, age: Int64) {
        guard let word = json["state"]?.string, let state = MachineState(word: word, json) else { return nil }
        self.init(
            uid: uid, state: state, pid: json["pid"]?.integer.flatMap { Int32(exactly: $0) },
            epoch: json["epoch"]?.integer.flatMap { UInt64(exactly: $0) },
            generation: json["generation"]?.integer.flatMap { UInt64(exactly: $0) },
            launchDigest: json["launchDigest"]?.string, observedAt: now + (-age), message: json["message"]?.string)
        disks = json["disks"]?.array?.compactMap(\.string)
        for member in json["bootImages"]?.object?.members ?? [] { bootImages[member.key] = member.value.string }
    }
}

extension MachineState {
    /// One word for people and for other nodes.
    public var word: String {
        switch self {
        case .absent: "absent"
        case .stopped: "stopped"
        case .starting: "starting"
        case .running: "running"
        case .paused: "paused"
        case .suspended: "suspended"
        case .poweredOff: "powered-off"
        case .panicked: "panicked"
        case .ioError: "io-error"
        case .unresponsive: "unresponsive"
        case .foreign: "foreign"
        }
    }

    fileprivate init?(word: String, _ json: JSON) {
        switch word {
        case "absent": self = .absent
        case "stopped":
            guard let reason = StopReason(word: json["reason"]?.string ?? "", json["detail"]?.string ?? "") else {
                return nil
            }
            self = .stopped(reason)
        case "starting": self = .starting
        case "running": self = .running
        case "paused": self = .paused
        case "suspended": self = .suspended
        case "powered-off": self = .poweredOff
        case "panicked": self = .panicked
        case "io-error": self = .ioError(message: json["detail"]?.string ?? "")
        case "unresponsive": self = .unresponsive(attempts: Int(json["attempts"]?.integer ?? 1))
        case "foreign": self = .foreign(pid: Int32(truncatingIfNeeded: json["pid"]?.integer ?? 0))
        default: return nil
        }
    }
}

extension StopReason {
    fileprivate var word: String {
        switch self {
        case .neverStarted: "never-started"
        case .guestPoweredOff: "guest-powered-off"
        case .stoppedByRequest: "stopped-by-request"
        case .crashed: "crashed"
        case .hostRestarted: "host-restarted"
        case .unknown: "unknown"
        }
    }

    fileprivate init?(word: String, _ detail: String) {
        switch word {
        case "never-started": self = .neverStarted
        case "guest-powered-off": self = .guestPoweredOff
        case "stopped-by-request": self = .stoppedByRequest
        case "crashed": self = .crashed(message: detail)
        case "host-restarted": self = .hostRestarted
        case "unknown": self = .unknown
        default: return nil
        }
    }
}

extension ImageShelf.Holding {
    fileprivate var json: JSON {
        switch self {
        case .unknown: ["state": "unknown"]
        case .absent: ["state": "absent"]
        case .fetching: ["state": "fetching"]
        case .held(let path, let format, let bytes):
            [
                "state": "held", "path": .string(path), "format": .string(format.rawValue), "bytes": .integer(bytes),
            ]
        case .failed(let message): ["state": "failed", "message": .string(message)]
        }
    }

    fileprivate init?(json: JSON) {
        switch json["state"]?.string {
        case "unknown": self = .unknown
        case "absent": self = .absent
        case "fetching": self = .fetching
        case "held":
            guard let path = json["path"]?.string,
                let format = json["format"]?.string.flatMap({ ImageShelf.Format(rawValue: $0) })
            else { return nil }
            self = .held(path: path, format: format, bytes: json["bytes"]?.integer ?? 0)
        case "failed": self = .failed(message: json["message"]?.string ?? "")
        default: return nil
        }
    }
}
