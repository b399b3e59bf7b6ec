import Manifest
import Primitives

/// What one mutation will do. Keys of a write are distinct, so no decision depends on another.
enum MutationDecision {
    case create(Put)
    /// The object as it shall be.
    case replace(FleetObject)
    case keep(FleetObject)
    /// The deletion of what is not there.
    case ignore
    case remove(FleetObject)
    /// A ManifestSet object, with what becomes of the members.
    case removeSet(FleetObject, [SetDeparture])
    /// The object with its deletion stamped.
    case terminate(FleetObject)
    case awaitTermination(FleetObject)
    /// A member's Node object without its manifest.
    case clear(FleetObject)
    case leaveClear(FleetObject)
}

extension Fleet {
    func decide(_ mutation: Mutation) throws(Refusal) -> MutationDecision {
        switch mutation {
        case .put(let put): try decide(put)
        case .delete(let delete): try decide(delete)
        }
    }

    private func decide(_ put: Put) throws(Refusal) -> MutationDecision {
        if let settings = put.settings, let problem = settings.problem {
            throw Refusal(
                reason: .invalid, key: put.key, field: problem.field, message: "Invalid value: \(problem.message)")
        }
        guard var object = objects[put.key] else {
            if case .resourceVersion = put.precondition { throw .notFound(put.key) }
            return .create(put)
        }
        if object.deletion != nil { throw terminating(object) }
        switch put.precondition {
        case .none: break
        case .absent: throw .alreadyExists(put.key)
        case .resourceVersion(let version):
            guard version == object.resourceVersion else { throw .modified(put.key) }
        }
        if let binding = object.binding, let node = put.requiredNode, node != binding.node {
            throw Refusal(
                reason: .invalid, key: put.key, field: "spec.nodeName",
                message: "\(put.key.quoted) is bound to node \"\(binding.node)\", where its disks are, and node "
                    + "\"\(node)\" would part it from them: keep \"\(binding.node)\", or delete it and create it anew")
        }
        let specChanges = object.spec != put.spec
        if specChanges, let judged = put.judged, judged != Judgement(of: object) {
            throw Refusal(
                reason: .stale, key: put.key, field: nil,
                message: "\(put.key.quoted) has changed since this change of it was judged: try again")
        }
        guard
            specChanges || !object.labels.hasSameBytes(as: put.labels)
                || !object.annotations.hasSameBytes(as: put.annotations)
        else {
            return .keep(object)
        }
        object.spec = put.spec
        object.labels = put.labels
        object.annotations = put.annotations
        if specChanges { object.generation += 1 }
        return .replace(object)
    }

    func decide(_ delete: Delete) throws(Refusal) -> MutationDecision {
        if let grace = delete.graceSeconds, !(0...Limits.deletionGraceSeconds).contains(grace) {
            throw Refusal(
                reason: .invalid, key: delete.key, field: "gracePeriodSeconds",
                message: "a grace period of \(grace) seconds; give 0 to \(Limits.deletionGraceSeconds)")
        }
        guard let object = objects[delete.key] else {
            if delete.ignoreMissing { return .ignore }
            throw .notFound(delete.key)
        }
        if let uid = delete.uid, uid != object.uid {
            throw Refusal(
                reason: .conflict, key: delete.key, field: "metadata.uid",
                message: "\(delete.key.quoted) has the uid \(object.uid), not \(uid): it was created anew")
        }
        if let version = delete.resourceVersion, version != object.resourceVersion { throw .modified(delete.key) }
        guard !object.isProtected else {
            throw Refusal(
                reason: .protected, key: object.key, field: "metadata.annotations",
                message: "\(object.key.quoted) is protected: set its annotation \(FleetObject.protectAnnotation) to "
                    + "\"false\" first")
        }
        if object.key.isNode, memberTable[name: object.key.name] != nil { return clearing(object) }
        if holder(of: object) != nil { return terminating(object, graceSeconds: delete.graceSeconds) }
        return .remove(object)
    }

    /// The member that must release a machine before it is gone. A node that was taken out of the cluster holds
    /// nothing: no member is left that could say so, and the operator who removed it has answered for its machines.
    func holder(of object: FleetObject) -> Member? {
        object.binding.flatMap { memberTable[name: $0.node] }
    }

    /// Begins a deletion, or shortens the time that a begun one leaves.
    private func terminating(_ object: FleetObject, graceSeconds: Int?) -> MutationDecision {
        var object = object
        guard let deletion = object.deletion else {
            object.deletion = FleetObject.Deletion(requestedAt: time, graceSeconds: graceSeconds)
            return .terminate(object)
        }
        guard let graceSeconds, deletion.graceSeconds.map({ graceSeconds < $0 }) ?? true else {
            return .awaitTermination(object)
        }
        object.deletion?.graceSeconds = graceSeconds
        return .terminate(object)
    }

    private func clearing(_ node: FleetObject) -> MutationDecision {
        var node = node
        let specChanges = node.spec != emptySpec
        guard specChanges || !node.labels.isEmpty || !node.annotations.isEmpty else { return .leaveClear(node) }
        node.spec = emptySpec
        node.labels = [:]
        node.annotations = [:]
        if specChanges { node.generation += 1 }
        return .clear(node)
    }

    private func terminating(_ object: FleetObject) -> Refusal {
        let holder = object.binding.map { "; node \"\($0.node)\" still holds it" } ?? ""
        return Refusal(
            reason: .terminating, key: object.key, field: nil,
            message: "object is being deleted: \(object.key.quoted) already exists\(holder): wait until it is gone, "
                + "then apply again")
    }
}

extension Refusal {
    fileprivate static func notFound(_ key: ObjectKey) -> Refusal {
        Refusal(reason: .notFound, key: key, field: nil, message: "\(key.quoted) not found")
    }

    fileprivate static func alreadyExists(_ key: ObjectKey) -> Refusal {
        Refusal(reason: .alreadyExists, key: key, field: nil, message: "\(key.quoted) already exists")
    }

    fileprivate static func modified(_ key: ObjectKey) -> Refusal {
        Refusal(
            reason: .conflict, key: key, field: "metadata.resourceVersion",
            message: "the object has been modified; please apply your changes to the latest version and try again")
    }
}
