import Fleet
import Manifest
import Primitives

/// Writes events in the shape of Kubernetes' core events.
enum EventRenderer {
    /// Events live in the namespace of their object; those of objects of the whole cluster in the default one.
    static func namespace(of event: EventRecord) -> String {
        event.regarding.namespace.isEmpty ? KindInfo.defaultNamespace : event.regarding.namespace
    }

    static func name(of event: EventRecord) -> String {
        "\(event.regarding.name).\(String(event.firstRevision, radix: 16))"
    }

    static func key(of event: EventRecord) -> ObjectKey {
        KindInfo.event.key(namespace: namespace(of: event), name: name(of: event))
    }

    static func typeName(of event: EventRecord) -> String { event.type == .warning ? "Warning" : "Normal" }

    static func append(_ event: EventRecord, to output: inout JSONOutput) {
        output.beginObject()
        output.key("apiVersion")
        output.string(KindInfo.apiVersion)
        output.key("kind")
        output.string(KindInfo.event.kind)
        output.key("metadata")
        appendMetadata(of: event, to: &output)
        output.key("involvedObject")
        appendInvolvedObject(of: event, to: &output)
        output.key("type")
        output.string(typeName(of: event))
        output.key("reason")
        output.string(event.reason)
        output.key("message")
        output.string(event.message)
        output.key("source")
        output.beginObject()
        output.key("component")
        output.string(event.source)
        output.endObject()
        output.key("firstTimestamp")
        output.time(event.firstSeen)
        output.key("lastTimestamp")
        output.time(event.lastSeen)
        output.key("count")
        output.integer(event.count)
        output.endObject()
    }

    static func appendMetadata(of event: EventRecord, to output: inout JSONOutput) {
        output.beginObject()
        output.key("name")
        output.string(name(of: event))
        output.key("namespace")
        output.string(namespace(of: event))
        output.key("resourceVersion")
        output.quoted(event.revision)
        output.key("creationTimestamp")
        output.time(event.firstSeen)
        output.endObject()
    }

    private static func appendInvolvedObject(of event: EventRecord, to output: inout JSONOutput) {
        output.beginObject()
        output.key("apiVersion")
        output.string(KindInfo.apiVersion)
        output.key("kind")
        output.string(event.regarding.kind)
        if !event.regarding.namespace.isEmpty {
            output.key("namespace")
            output.string(event.regarding.namespace)
        }
        output.key("name")
        output.string(event.regarding.name)
        if let uid = event.uid {
            output.key("uid")
            output.uid(uid)
        }
        output.endObject()
    }
}
