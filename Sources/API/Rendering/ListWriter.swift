import Contract
import Fleet
import Manifest

/// What a list holds, in its order.
enum ListedItems {
    case objects([FleetObject])
    case events([EventRecord])

    var count: Int {
        switch self {
        case .objects(let objects): objects.count
        case .events(let events): events.count
        }
    }
}

/// Writes `VirtualMachineList` and its like.
enum ListWriter {
    static func append(
        _ items: ListedItems, of kind: KindInfo, renderer: ObjectRenderer, annotations: [String: String],
        to output: inout JSONOutput
    ) {
        begin(kind, resourceVersion: renderer.view.fleet.revision, annotations: annotations, to: &output)
        switch items {
        case .objects(let objects): for object in objects { append(object, renderer: renderer, to: &output) }
        case .events(let events): for event in events { append(event, to: &output) }
        }
        end(to: &output)
    }

    /// Everything before the items.
    static func begin(
        _ kind: KindInfo, resourceVersion: UInt64, annotations: [String: String], to output: inout JSONOutput
    ) {
        output.beginObject()
        output.key("kind")
        output.string(kind.kind + "List")
        output.key("apiVersion")
        output.string(KindInfo.apiVersion)
        output.key("metadata")
        appendMetadata(resourceVersion: resourceVersion, annotations: annotations, to: &output)
        output.key("items")
        output.beginArray()
    }

    static func append(_ object: FleetObject, renderer: ObjectRenderer, to output: inout JSONOutput) {
        output.element()
        renderer.append(object, to: &output)
    }

    static func append(_ event: EventRecord, to output: inout JSONOutput) {
        output.element()
        EventRenderer.append(event, to: &output)
    }

    static func end(to output: inout JSONOutput) {
        output.endArray()
        output.endObject()
    }

    static func appendMetadata(
        resourceVersion: UInt64, annotations: [String: String], to output: inout JSONOutput
    ) {
        output.beginObject()
        output.key("resourceVersion")
        output.quoted(resourceVersion)
        if !annotations.isEmpty {
            output.key("annotations")
            output.stringMap(annotations)
        }
        output.endObject()
    }
}

extension ClusterView {
    /// What a list says of itself when no leader confirmed that it is the newest.
    var stalenessAnnotations: [String: String] {
        guard isStale else { return [:] }
        return ["blixard.dev/consistency": "stale", "blixard.dev/leader": leader?.name ?? "none"]
    }
}
