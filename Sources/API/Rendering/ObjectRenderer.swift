import Fleet
import JSONText
import Manifest
import Primitives

/// Writes objects as clients see them: what is stored, joined with what is known at the moment of reading.
///
/// Made for one view and used for all objects of an answer. What needs no joining is copied byte for byte.
struct ObjectRenderer {
    let view: ClusterView
    let specs: FullSpecCache
    /// Of every member, told once for a whole answer of many objects.
    private let attendances: [String: Attendance]

    /// - Parameter isForOne: Whether only one object is to be written: then nothing is told ahead.
    init(view: ClusterView, specs: FullSpecCache, isForOne: Bool) {
        self.view = view
        self.specs = specs
        let told = isForOne ? [] : view.fleet.members.map { ($0.name, view.attendance(of: $0.name)) }
        attendances = Dictionary(told, uniquingKeysWith: { first, _ in first })
    }

    func attendance(of node: String) -> Attendance { attendances[node] ?? view.attendance(of: node) }

    /// One object with all its members, in the order in which people read them.
    func append(_ object: FleetObject, to output: inout JSONOutput) {
        output.beginObject()
        output.key("apiVersion")
        output.string(KindInfo.apiVersion)
        output.key("kind")
        output.string(object.key.kind)
        output.key("metadata")
        appendMetadata(of: object, to: &output)
        output.key("spec")
        output.raw(specs.fullSpec(of: object))
        switch object.key.kind {
        case KindInfo.virtualMachine.kind: appendMachineStatus(of: object, to: &output)
        case KindInfo.node.kind: appendNodeStatus(of: object, to: &output)
        case KindInfo.image.kind: appendImageStatus(of: object, to: &output)
        case KindInfo.manifestSet.kind: appendSetStatus(of: object, to: &output)
        default:
            if !object.status.isEmpty {
                output.key("status")
                output.raw(object.status)
            }
        }
        output.endObject()
    }

    func appendMetadata(of object: FleetObject, to output: inout JSONOutput) {
        output.beginObject()
        output.key("name")
        output.string(object.key.name)
        if !object.key.namespace.isEmpty {
            output.key("namespace")
            output.string(object.key.namespace)
        }
        output.key("uid")
        output.uid(object.uid)
        output.key("resourceVersion")
        output.quoted(object.resourceVersion)
        output.key("generation")
        output.integer(object.generation)
        output.key("creationTimestamp")
        output.time(object.createdAt)
        if let deletion = object.deletion {
            output.key("deletionTimestamp")
            output.time(deletion.requestedAt)
        }
        if !object.labels.isEmpty {
            output.key("labels")
            output.stringMap(object.labels)
        }
        if !object.annotations.isEmpty {
            output.key("annotations")
            output.stringMap(object.annotations)
        }
        if let set = view.fleet.manifestSet(of: object.key) {
            output.key("manifestSet")
            output.string(set)
        }
        output.endObject()
    }

    /// An image's status: the copy of each node, by the nodes' names.
    func appendImageStatus(of object: FleetObject, to output: inout JSONOutput) {
        output.key("status")
        output.json(ImageStatus(nodes: object.imageCopies).json)
    }
}

extension FleetObject {
    /// What each node says of its copy of this image, by the nodes' names.
    var imageCopies: [ImageStatus.NodeCopy] {
        nodeStatuses.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { node, bytes in
            // Of a report that can't be read it is known only who sent it.
            var copy =
                (try? ImageStatus.NodeCopy(canonical: bytes))
                ?? ImageStatus.NodeCopy(name: node, bytes: 0, state: .pending, message: "")
            copy.name = node
            return copy
        }
    }
}
