public import Fleet
import Manifest
import Primitives

/// Why changes of machines that are bound to a node can't be made; empty if they can.
///
/// Disks lie on the node to which a machine is bound, and only deleting the machine deletes them. So a change that
/// would part them, or that no disk can follow, is refused as a whole: it would otherwise be accepted and never be
/// true.
public func admissionRefusals(of mutations: [Mutation], in fleet: Fleet) -> [Refusal] {
    mutations.flatMap { mutation -> [Refusal] in
        guard case .put(let put) = mutation, put.key.kind == KindInfo.virtualMachine.kind,
            let object = fleet[put.key], let node = object.binding?.node, object.deletion == nil,
            // What this program can't read was admitted by one that can.
            let before = try? VirtualMachineSpec(canonical: object.spec),
            let after = try? VirtualMachineSpec(canonical: put.spec)
        else { return [] }
        let labels = fleet[ObjectKey(kind: KindInfo.node.kind, namespace: "", name: node)]?.labels ?? [:]
        return problems(before, after, node: node, labels: labels).map { field, message in
            Refusal(reason: .invalid, key: put.key, field: field, message: message)
        }
    }
}

/// The mutations with what each change of a machine was judged against by ``admissionRefusals(of:in:)``: by the time
/// the change is applied, another one or a binding may have come before it.
public func judged(_ mutations: [Mutation], in fleet: Fleet) -> [Mutation] {
    mutations.map { mutation in
        guard case .put(var put) = mutation else { return mutation }
        // A judgement that came along was made by a node that does not lead.
        put.judged = put.key.kind == KindInfo.virtualMachine.kind ? fleet[put.key].map(Judgement.init(of:)) : nil
        return .put(put)
    }
}

private func problems(
    _ before: VirtualMachineSpec, _ after: VirtualMachineSpec, node: String, labels: [String: String]
) -> [(field: String, message: String)] {
    var problems: [(String, String)] = []
    for (position, disk) in after.disks.enumerated() {
        guard let old = before.disks.first(where: { $0.name == disk.name }) else { continue }
        let field = "spec.disks[\(position)]"
        if disk.sizeBytes < old.sizeBytes {
            problems.append(
                (
                    "\(field).size",
                    "Invalid value: \"\(Quantity(disk.sizeBytes))\": disk \"\(disk.name)\" has "
                        + "\(Quantity(old.sizeBytes)), and a disk may not shrink"
                ))
        }
        let hint = "the disk exists already; give a new disk another name"
        if disk.format != old.format {
            problems.append(
                ("\(field).format", "Invalid value: \"\(disk.format.rawValue)\": field is immutable: \(hint)"))
        }
        if disk.image != old.image {
            problems.append(
                ("\(field).image", "Invalid value: \"\(disk.image ?? "")\": field is immutable: \(hint)"))
        }
    }
    if !before.nodeSelector.hasSameBytes(as: after.nodeSelector),
        !labels.includesBytes(of: after.nodeSelector)
    {
        let wanted = after.nodeSelector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        problems.append(
            (
                "spec.nodeSelector",
                "Invalid value: \"\(wanted.joined(separator: ","))\": the machine and its disks are on node "
                    + "\"\(node)\", whose labels do not match; delete it first, or label that node"
            ))
    }
    return problems
}

/// Why a join is none that any cluster would take; nil if it may be one. It is asked before anything of it travels or
/// is recorded, because any process may ask to join.
public func malformation(of join: Join) -> Refusal? {
    func invalid(_ message: String) -> Refusal {
        Refusal(reason: .invalid, key: nil, field: nil, message: message)
    }
    if join.ticketHash.count != 32 {
        return invalid("a ticket's hash of \(join.ticketHash.count) bytes, instead of 32")
    }
    if join.incarnation == 0 {
        return invalid("a newcomer that does not say which log it has: use this version's program to join")
    }
    let problem = join.name.flatMap(JoinRules.problem(ofName:)) ?? JoinRules.problem(ofAddresses: join.addresses)
    return problem.map(invalid)
}
