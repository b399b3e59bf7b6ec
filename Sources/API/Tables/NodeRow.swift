import Fleet
import Manifest
import Primitives

extension ObjectRenderer {
    /// The cells of `TableColumn.nodes`.
    func nodeCells(_ object: FleetObject) -> [String] {
        let standing = NodeStanding(object, renderer: self)
        let spec = CanonicalMembers(specs.fullSpec(of: object))
        let stored = CanonicalMembers(object.status)
        let allocatable = stored.object("allocatable")
        let status = standing.word + (spec.bool("unschedulable") == true ? ",SchedulingDisabled" : "")
        let roles = standing.member.map { member in
            standing.raftRole == "leader" ? "leader,voter" : member.role == .voter ? "voter" : "learner"
        }
        return [
            object.key.name,
            status,
            roles ?? CellText.none,
            AgeText.since(object.createdAt, now: view.now),
            stored.string("version") ?? CellText.unknown,
            standing.member?.addresses.first ?? CellText.none,
            allocatable?.integer("cpus").map(String.init) ?? CellText.unknown,
            allocatable?.string("memory") ?? CellText.unknown,
            stored.string("accelerator") ?? CellText.none,
            standing.liveness?.lag.map(String.init) ?? CellText.unknown,
            standing.liveness?.roundTripMicroseconds.map(Self.roundTrip) ?? CellText.unknown,
            standing.member == nil ? CellText.none : lastSeen(of: object.key.name),
        ]
    }

    /// `0.4ms`, `12ms`.
    private static func roundTrip(microseconds: Int64) -> String {
        if microseconds >= 10_000 { return "\(microseconds / 1000)ms" }
        return "\(microseconds / 1000).\(microseconds % 1000 / 100)ms"
    }
}
