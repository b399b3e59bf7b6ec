import JSONText
import Manifest
import Primitives

/// What people are shown of a Secret: which values there are, how long they are, and whether two are the same.
enum SecretText {
    /// An object or document with a mark in the place of each value, sealed or not; anything else as it is.
    ///
    /// Two marks differ exactly if the sealed values do, so a comparison shows what changed, and no value.
    static func marked(_ object: JSON) -> JSON {
        guard object["kind"] == .string(KindInfo.secret.kind) else { return object }
        var object = object
        var data: [String: String] = [:]
        for name in ["data", "stringData"] {
            for member in object[name]?.object ?? [:] { data[member.key] = "(not sealed yet)" }
            object[name] = nil
        }
        for member in object["spec"]?["sealed"]?.object ?? [:] {
            data[member.key] = SealedValue(member.value.string ?? "").map(mark) ?? "(not understood)"
        }
        object["spec"] = nil
        object["data"] = .object(
            JSONObject(
                uniqueMembers: data.sorted { $0.key < $1.key }
                    .map { JSONObject.Member(key: $0.key, value: .string($0.value)) }))
        return object
    }

    /// `8 bytes, sealed (1f0a44c2)`: the number tells sealed values apart and says nothing of the value.
    private static func mark(_ value: SealedValue) -> String {
        let digits = String(CRC32C.checksum(value.bytes), radix: 16)
        let number = String(repeating: "0", count: 8 - digits.count) + digits
        return "\(value.valueCount) byte\(value.valueCount == 1 ? "" : "s"), sealed (\(number))"
    }
}
