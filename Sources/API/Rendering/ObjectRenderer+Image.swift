import Fleet
import JSONText
import Manifest

extension ObjectRenderer {
    /// An image's status: the copy of each node, by the nodes' names.
    func appendImageStatus(of object: FleetObject, to output: inout JSONOutput) {
        output.key("status")
        output.beginObject()
        output.key("nodes")
        output.beginArray()
        for copy in ImageCopy.all(of: object) {
            output.element()
            output.beginObject()
            output.key("name")
            output.string(copy.node)
            for (key, value) in copy.reported where key != "name" {
                output.key(key)
                output.json(value)
            }
            output.endObject()
        }
        output.endArray()
        output.endObject()
    }
}

/// What one node says of its copy of an image.
struct ImageCopy {
    let node: String
    let reported: [(String, JSON)]

    var state: String? { reported.first { $0.0 == "state" }?.1.string }
    var bytes: Int64? { reported.first { $0.0 == "bytes" }?.1.integer }

    /// By the nodes' names.
    static func all(of object: FleetObject) -> [ImageCopy] {
        object.nodeStatuses.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { node, bytes in
            // Canonical text always reads; anything else says nothing.
            let members = (try? JSON(parsing: bytes))?.object?.members ?? []
            return ImageCopy(node: node, reported: members.map { ($0.key, $0.value) })
        }
    }
}
