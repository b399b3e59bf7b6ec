import Primitives

/// Reads values from one text, strictly by RFC 8259.
///
/// Recursive descent over raw bytes; depth is bounded by `Limits.jsonDepth`, so the stack is too.
struct JSONParser: ~Copyable {
    let text: UnsafePointer<UInt8>
    let end: Int
    /// The next byte to look at.
    var position = 0
    /// Members and elements of the objects and arrays that are still open.
    var members = MoveStack<JSONObject.Member>(capacity: 256)
    var elements = MoveStack<JSON>(capacity: 256)
    let strings: StringCache

    /// What went wrong; where it is in lines and columns is worked out at the edge.
    struct Failure: Error {
        let reason: JSONError.Reason
        let offset: Int
        let allowed: String
    }

    /// - Parameters:
    ///   - buffer: Must stay where it is while the parser lives.
    ///   - valueBytes: About how much of it will be read into values.
    init(_ buffer: UnsafeRawBufferPointer, valueBytes: Int) {
        // An empty buffer may have no address; none of its bytes is ever read.
        let base = buffer.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
        text = base.assumingMemoryBound(to: UInt8.self)
        end = buffer.count
        strings = StringCache(textBytes: valueBytes)
    }

    @inline(__always)
    mutating func skipWhitespace() {
        while position < end {
            switch text[position] {
            case 0x20, 0x0a, 0x0d, 0x09: position += 1
            default: return
            }
        }
    }

    /// The value that begins after white space at `position`; stops behind it.
    mutating func value(depth: Int) throws(Failure) -> JSON {
        skipWhitespace()
        guard position < end else { throw unexpected("a value") }
        switch text[position] {
        case UInt8(ascii: "\""): return .string(try string(allowed: "a string"))
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw unexpected("a value")
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> JSONObject {
        guard depth < Limits.jsonDepth else { throw tooDeep() }
        let opening = position
        let first = members.count
        // A bit for each key: only a key whose bit is taken is compared with those before it.
        var taken: UInt64 = 0
        var isUnique = true
        position += 1
        skipWhitespace()
        guard position < end else { throw unexpected("a key or '}'") }
        if text[position] == UInt8(ascii: "}") {
            position += 1
            return JSONObject()
        }
        while true {
            let (key, hash) = try hashedString(allowed: "a key in quotes")
            let bits: UInt64 = if let hash { 1 << UInt64(truncatingIfNeeded: hash & 63) } else { .max }
            if taken & bits != 0, isUnique { isUnique = !isMember(key, from: first) }
            taken |= bits
            skipWhitespace()
            guard position < end, text[position] == UInt8(ascii: ":") else { throw unexpected("':'") }
            position += 1
            members.push(JSONObject.Member(key: key, value: try value(depth: depth + 1)))
            skipWhitespace()
            guard position < end else { throw unexpected("',' or '}'") }
            if text[position] == UInt8(ascii: ",") {
                position += 1
                skipWhitespace()
            } else if text[position] == UInt8(ascii: "}") {
                position += 1
                break
            } else {
                throw unexpected("',' or '}'")
            }
        }
        let count = members.count - first
        let all = members.pop(from: first)
        if count > JSONObject.linearMembers {
            guard let object = JSONObject(checking: all) else { throw duplicateKey(in: opening) }
            return object
        }
        guard isUnique else { throw duplicateKey(in: opening) }
        return JSONObject(few: all)
    }

    /// Whether a key is among the members from `first` on; of many only the first ones are looked at.
    private func isMember(_ key: String, from first: Int) -> Bool {
        for position in first..<min(members.count, first + JSONObject.linearMembers)
        where members[position].key.hasSameBytes(as: key) { return true }
        return false
    }

    private mutating func array(depth: Int) throws(Failure) -> [JSON] {
        guard depth < Limits.jsonDepth else { throw tooDeep() }
        let first = elements.count
        position += 1
        skipWhitespace()
        if position < end, text[position] == UInt8(ascii: "]") {
            position += 1
            return []
        }
        guard position < end else { throw unexpected("a value or ']'") }
        while true {
            elements.push(try value(depth: depth + 1))
            skipWhitespace()
            guard position < end else { throw unexpected("',' or ']'") }
            if text[position] == UInt8(ascii: ",") {
                position += 1
            } else if text[position] == UInt8(ascii: "]") {
                position += 1
                return elements.pop(from: first)
            } else {
                throw unexpected("',' or ']'")
            }
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(Failure) -> JSON {
        let start = position
        for offset in 0..<word.utf8CodeUnitCount {
            guard position < end, text[position] == word.utf8Start[offset] else {
                if position < end { position = start }
                throw unexpected("\(word)")
            }
            position += 1
        }
        return value
    }

    /// What stands at `position` is not what may stand there.
    func unexpected(_ allowed: String) -> Failure {
        Failure(reason: .unexpected, offset: position, allowed: allowed)
    }

    private func tooDeep() -> Failure {
        Failure(reason: .tooDeep, offset: position, allowed: "at most \(Limits.jsonDepth) levels of nesting")
    }

    /// Finds the second of two equal keys of the object that begins at `opening` and was read without complaint.
    private mutating func duplicateKey(in opening: Int) -> Failure {
        var seen: Set<ExactText> = []
        position = opening + 1
        while true {
            skipWhitespace()
            let offset = position
            guard let key = try? string(allowed: "a key in quotes") else { break }  // It was read before.
            if !seen.insert(ExactText(key)).inserted {
                return Failure(reason: .duplicateKey(key), offset: offset, allowed: "a key may stand only once")
            }
            skipWhitespace()
            position += 1
            skipValue()
            skipWhitespace()
            position += 1
        }
        preconditionFailure("the object at byte \(opening) has no key twice")
    }
}
