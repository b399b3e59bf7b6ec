import Manifest
import Primitives

extension Fleet {
    /// Stores an object under the next revision, which it gets as its resource version, and tells the feed.
    @discardableResult
    mutating func store(_ object: FleetObject) -> FleetObject {
        var object = object
        revision += 1
        object.resourceVersion = revision
        let isNew = objects.put(object)
        feed.append(Change(revision: revision, kind: isNew ? .added : .modified, object: object))
        return object
    }

    /// Removes an object, under the next revision.
    @discardableResult
    mutating func discard(_ object: FleetObject) -> FleetObject {
        var object = object
        revision += 1
        object.resourceVersion = revision
        objects.remove(object.key)
        sets.release(object.key)
        if object.key.isManifestSet { sets.remove(object.key.name) }
        eventTable.objectRemoved(object.key, uid: object.uid)
        feed.append(Change(revision: revision, kind: .deleted, object: object))
        return object
    }

    /// Creates or touches the Node object of a member, so that a watch of nodes sees the member change.
    mutating func touchNode(named name: String) {
        let key = ObjectKey.node(name)
        store(objects[key] ?? newObject(key, position: 0, spec: emptySpec))
    }

    /// - Parameter position: The object's place in the entry, for its uid.
    func newObject(_ key: ObjectKey, position: Int, spec: [UInt8]) -> FleetObject {
        FleetObject(
            key: key, uid: UID(cluster: clusterID, index: appliedIndex, position: position), resourceVersion: 0,
            generation: 1, createdAt: time, spec: spec)
    }

    /// The spec of a Node object that no manifest describes.
    var emptySpec: [UInt8] { Array("{}".utf8) }

    mutating func record(_ events: [EventDraft]) {
        for draft in events {
            revision += 1
            eventTable.record(draft, time: time, revision: revision)
        }
    }
}
