import JSONText
import Manifest

/// What commands read of objects as the API renders them.
extension JSON {
    var kindText: String? { self["kind"]?.string }
    var nameText: String? { self["metadata"]?["name"]?.string }
    var namespaceText: String? { self["metadata"]?["namespace"]?.string }

    var resourceVersion: String? { self["metadata"]?["resourceVersion"]?.string }
    var uidText: String? { self["metadata"]?["uid"]?.string }
    var generation: Int64? { self["metadata"]?["generation"]?.integer }
    var observedGeneration: Int64? { self["status"]?["observedGeneration"]?.integer }

    /// The condition of a type; types are compared without regard to case.
    func condition(_ type: String) -> JSON? {
        self["status"]?["conditions"]?.array?.first { $0["type"]?.string?.lowercased() == type.lowercased() }
    }

    /// `virtualmachine.blixard.dev/web`.
    var resourceName: String {
        ObjectKey(kind: kindText ?? "object", namespace: "", name: nameText ?? "<unnamed>").resourceName
    }
}
