import Primitives

/// The query of a request: read by a server, written by a client.
public struct QueryItems: Equatable, Sendable {
    private var items: [(name: String, value: String)] = []

    /// Reads `a=1&b=x+y%2Cz`; as Go writes it, a plus sign is a space.
    ///
    /// - Throws: A 400 status for a broken escape, for bytes that are no UTF-8 and for a value that a
    ///   ``QueryParameter`` can't have.
    public init(_ text: String?) throws(APIStatus) {
        for pair in (text ?? "").split(separator: "&", omittingEmptySubsequences: true) {
            let equals = pair.firstIndex(of: "=")
            let name = try Self.decode(equals.map { pair[..<$0] } ?? pair)
            let value = try equals.map { (index) throws(APIStatus) in try Self.decode(pair[pair.index(after: index)...])
            }
            items.append((name, value ?? ""))
        }
        var seen: [QueryParameter: String] = [:]
        for (name, value) in items {
            guard let parameter = QueryParameter(rawValue: name) else { continue }
            if let problem = parameter.problem(value) {
                throw APIStatus(.badRequest, "query parameter \(name): Invalid value: \"\(value)\": \(problem)")
            }
            let first = seen.updateValue(value, forKey: parameter) ?? value
            guard parameter.mayRepeat || first.hasSameBytes(as: value) else {
                throw APIStatus(.badRequest, "query parameter \(name): it is given twice, with different values")
            }
        }
    }

    /// The first value of a parameter.
    public subscript(parameter: QueryParameter) -> String? { items.first { $0.name == parameter.rawValue }?.value }

    /// Every name that is there, in order.
    public var names: [String] { items.map(\.name) }

    /// All values of a parameter.
    public func values(of name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    /// Every value of a parameter, in the order in which they came.
    public func values(of parameter: QueryParameter) -> [String] {
        items.filter { $0.name == parameter.rawValue }.map(\.value)
    }

    /// Whether a switch is on: `watch=true`, `watch=1`.
    public func isTrue(_ parameter: QueryParameter) -> Bool { ["true", "1"].contains(self[parameter]) }

    /// A number of the parameter's bounds; nil if it is not there or empty.
    public func number(_ parameter: QueryParameter) -> Int64? { self[parameter].flatMap(QueryParameter.number) }

    /// The encoded text of parameters, as a client sends it.
    public static func encode(_ items: [(String, String)]) -> String {
        items.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
    }

    public static func == (left: QueryItems, right: QueryItems) -> Bool {
        left.items.elementsEqual(right.items) { $0.name == $1.name && $0.value == $1.value }
    }

    private static func decode(_ text: Substring) throws(APIStatus) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    throw APIStatus(.badRequest, "query: \"\(text)\" holds a % without two hexadecimal digits")
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw APIStatus(.badRequest, "query: \"\(text)\" is no UTF-8")
        }
        return decoded
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 0x30
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 0x57
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 0x37
        default: nil
        }
    }
}
