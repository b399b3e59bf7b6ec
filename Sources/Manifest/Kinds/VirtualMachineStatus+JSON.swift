public import JSONText
import Primitives

extension VirtualMachineStatus: StatusView {
    public init(json: JSON) throws(NotUnderstood) {
        var fields = try FieldReader(json, at: JSONPath(keys: "status"))
        self.init()
        observedGeneration = try fields.counter("observedGeneration") ?? 0
        // A word of a newer program is one that this one does not know.
        // Logs and snapshots of clusters that ran an older program have the word under its second name.
        let older = try fields.string("printableStatus")
        phase = (try fields.string("phase") ?? older).flatMap(MachinePhase.init) ?? .unknown
        ready = try fields.bool("ready") ?? false
        nodeName = try fields.string("nodeName")
        epoch = try fields.counter("epoch") ?? 0
        pid = try fields.integer("pid", in: 1...Int(Int32.max))
        startedAt = try fields.time("startedAt")
        lastStartedAt = try fields.time("lastStartedAt")
        if var nested = try fields.nested("request"), let verb = try nested.string("verb") {
            request = Request(verb: verb, lastStartedAt: try nested.time("lastStartedAt"))
        }
        restarts = try fields.integer("restarts", in: 0...Int.max) ?? 0
        addresses = try fields.strings("addresses") ?? []
        portForwards = try fields.portForwards(
            "portForwards", atMost: VirtualMachineSpec.mostNetworks * VirtualMachineSpec.mostPortForwards)
        launchedGeneration = try fields.counter("launchedGeneration")
        accelerator = try fields.string("accelerator")
        disks = try fields.strings("disks") ?? []
        message = try fields.string("message")
        conditions = try fields.conditions()
    }

    /// What is nil or empty is left out.
    public var json: JSON {
        var json: JSON = [
            "observedGeneration": .counter(observedGeneration), "phase": .string(phase.rawValue),
            "ready": .bool(ready), "epoch": .counter(epoch), "restarts": .integer(Int64(restarts)),
        ]
        json["nodeName"] = nodeName.map(JSON.string)
        json["pid"] = pid.map { .integer(Int64($0)) }
        // To the millisecond: it tells one process of the machine from the next.
        json["startedAt"] = startedAt.map { .string($0.rfc3339Milliseconds) }
        json["lastStartedAt"] = lastStartedAt.map { .string($0.rfc3339Milliseconds) }
        if let request {
            json["request"] = ["verb": .string(request.verb)]
            json["request"]?["lastStartedAt"] = request.lastStartedAt.map { .string($0.rfc3339Milliseconds) }
        }
        if !addresses.isEmpty { json["addresses"] = .array(addresses.map(JSON.string)) }
        if !portForwards.isEmpty { json["portForwards"] = .array(portForwards.map(\.json)) }
        json["launchedGeneration"] = launchedGeneration.map(JSON.counter)
        json["accelerator"] = accelerator.map(JSON.string)
        if !disks.isEmpty { json["disks"] = .array(disks.map(JSON.string)) }
        json["message"] = message.map(JSON.string)
        if !conditions.isEmpty { json["conditions"] = .array(conditions.map(\.json)) }
        return json
    }
}
