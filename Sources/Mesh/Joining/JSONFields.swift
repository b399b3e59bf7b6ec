import JSONText
import Primitives

/// Reads the members of a small document, and says which one is wrong.
struct JSONFields {
    private let object: JSONObject
    /// What an error calls the document.
    private let what: String

    init(_ text: [UInt8], what: String) throws(MeshError) {
        let value: JSON
        do {
            value = try JSON(parsing: text)
        } catch {
            throw .malformed(what: what, problem: "not JSON: \(error)")
        }
        guard case .object(let object) = value else {
            throw .malformed(what: what, problem: "\(value.typeDescription) where an object belongs")
        }
        self.object = object
        self.what = what
    }

    func string(_ name: String) throws(MeshError) -> String {
        guard let value = try optionalString(name) else { throw wrong(name, "a string is needed") }
        return value
    }

    /// Nil when the member is null or missing.
    func optionalString(_ name: String) throws(MeshError) -> String? {
        switch object[name] {
        case .none, .null?: return nil
        case .string(let value)?: return value
        case let other?: throw wrong(name, "\(other.typeDescription) where a string belongs")
        }
    }

    func nodeID(_ name: String) throws(MeshError) -> UInt64 {
        guard let value = object[name]?.integer, value > 0 else {
            throw wrong(name, "a whole number above 0 is needed")
        }
        return UInt64(value)
    }

    func addresses(_ name: String) throws(MeshError) -> [String] {
        guard let elements = object[name]?.array else { throw wrong(name, "a list of addresses is needed") }
        var addresses: [String] = []
        for element in elements {
            guard let text = element.string else {
                throw wrong(name, "\(element.typeDescription) where an address belongs")
            }
            addresses.append(try HostPort(text).description)
        }
        return addresses
    }

    /// A key as 64 hexadecimal digits or as base64 of 32 bytes. Their lengths differ, so neither is taken for the
    /// other.
    func key(_ name: String) throws(MeshError) -> PublicKey {
        let text = try string(name)
        guard let key = PublicKey(hex: text) ?? Base64.decode(text).flatMap({ PublicKey($0) }) else {
            throw wrong(name, "\"\(text)\" is no key: neither 64 hexadecimal digits nor base64 of 32 bytes")
        }
        return key
    }

    private func wrong(_ name: String, _ problem: String) -> MeshError {
        .malformed(what: what, problem: "\(name): \(problem)")
    }
}
