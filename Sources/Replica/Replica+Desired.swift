import Fleet
import Hypervisor
import Manifest
import Primitives
import Reconcile

// Desired state reaches the node's loop through the change feed, filtered to what concerns this node.
extension Replica {
    /// Takes the whole fleet anew: at the start, after a snapshot, or when the feed no longer reaches back.
    mutating func adoptFleet() {
        machines.revision = fleet.revision
        followedName = name
        guard let name else {
            // Removed from the cluster: what runs is kept and shown, but nothing is started or restarted any more.
            for uid in machines.machines.keys.sorted() { forget(uid) }
            return
        }
        let bound = fleet.bound(to: name)
        let wanted = Set(bound.map(\.uid))
        for uid in machines.machines.keys.sorted() where !wanted.contains(uid) { forget(uid) }
        for object in bound { desire(object) }
        for object in fleet.objects(kind: "Image", namespace: nil) { imageObjectChanged(object) }
        dropGoneImages()
        reporter.nodeIsDirty = true
    }

    mutating func followChanges() {
        // Until this node has a name in the state, nothing of it can concern this node; then all of it may.
        guard name == followedName, case .changes(let changes) = fleet.changes(after: machines.revision) else {
            adoptFleet()
            return
        }
        machines.revision = fleet.revision
        guard let name else { return }
        for change in changes {
            let object = change.object
            switch object.key.kind {
            case "VirtualMachine":
                if change.kind != .deleted, object.binding?.node == name {
                    desire(object)
                } else if machines.machines[object.uid] != nil {
                    forget(object.uid)
                }
            case "Image":
                if change.kind == .deleted { imageObjectDeleted(object.key.name) } else { imageObjectChanged(object) }
            case "Node" where object.key.name == name: reporter.nodeIsDirty = true
            default: break
            }
        }
    }

    private mutating func desire(_ object: FleetObject) {
        guard let desired = DesiredMachine(object) else { return }
        if machines.machines[object.uid] != nil {
            // What is shown of it may have changed too: a report that was given up for lost may come true late.
            reporter.dirty.insert(object.uid)
            guard machines.machines[object.uid]?.situation.desire(desired) == true else { return }
        } else {
            var observation = machines.strangers.removeValue(forKey: object.uid)
            if observation == nil, machines.hasLooked {
                // The first look found everything that this host has; this machine was not among it.
                observation = .absent(object.uid, at: now)
            }
            machines.machines[object.uid] = MachineLoop.Machine(
                MachineSituation(desired, of: object, observation: observation))
        }
        for name in desired.imageNames { want(image: name) }
        machines.queue.add(object.uid, at: now)
        reporter.dirty.insert(object.uid)
    }

    private mutating func forget(_ uid: UID) {
        guard let machine = machines.machines.removeValue(forKey: uid) else { return }
        machines.queue.remove(uid)
        reporter.dirty.remove(uid)
        if let observation = machine.observation, observation.state != .absent, !machine.isRemoved {
            machines.strangers[uid] = observation
        }
    }
}
