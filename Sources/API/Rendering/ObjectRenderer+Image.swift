import Fleet
import JSONText
import Manifest

extension ObjectRenderer {
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
