import Manifest

/// Paths of the API.
enum APIPath {
    /// Kubernetes-shaped resources.
    static let group = "/apis/\(KindInfo.apiVersion)"
    /// What Kubernetes has no verb for.
    static let own = "/blixard/v1"
    /// Asks for the server's table of a list.
    static let tableMediaType = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

    /// A collection; all namespaces if none is named.
    static func collection(_ kind: KindInfo, namespace: String?) -> String {
        guard kind.namespaced, let namespace else { return "\(group)/\(kind.plural)" }
        return "\(group)/namespaces/\(escape(namespace))/\(kind.plural)"
    }

    static func object(_ kind: KindInfo, namespace: String, name: String) -> String {
        collection(kind, namespace: namespace) + "/" + escape(name)
    }

    /// What stands beside a machine: its log, its restart.
    static func machine(_ namespace: String, _ name: String, _ leaf: String) -> String {
        "\(own)/namespaces/\(escape(namespace))/virtualmachines/\(escape(name))/\(leaf)"
    }

    /// Percent-encodes everything but unreserved characters (RFC 3986 section 2.3).
    static func escape(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }
}
