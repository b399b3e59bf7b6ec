import Primitives

/// The members of a JSON object in the order in which they were written, no key twice.
///
/// Keys are compared by their bytes: keys that Unicode calls canonically equivalent are two keys. A lookup walks the
/// members of a small object and asks an index in a large one.
public struct JSONObject: Sendable {
    public struct Member: Hashable, Sendable {
        public var key: String
        public var value: JSON

        @inlinable
        public init(key: String, value: JSON) {
            self.key = key
            self.value = value
        }
    }

    public private(set) var members: [Member]
    /// Where each key is, once there are more members than `linearMembers`; nil before.
    private var index: [ExactText: Int]?

    /// Up to here, walking beats hashing.
    static let linearMembers = 16

    public init() {
        members = []
    }

    /// - Precondition: No key is there twice.
    public init(uniqueMembers members: [Member]) {
        guard let object = JSONObject(checking: members) else {
            preconditionFailure("a key twice among \(members.map(\.key))")
        }
        self = object
    }

    /// - Parameter members: At most `linearMembers`, no key twice.
    init(few members: [Member]) {
        self.members = members
    }

    /// Nil if a key is there twice.
    init?(checking members: [Member]) {
        self.members = members
        if members.count > Self.linearMembers {
            var index = [ExactText: Int](minimumCapacity: members.count)
            for (position, member) in members.enumerated() {
                guard index.updateValue(position, forKey: ExactText(member.key)) == nil else { return nil }
            }
            self.index = index
        } else {
            for position in members.indices.dropFirst() {
                let key = members[position].key
                for earlier in 0..<position where members[earlier].key.hasSameBytes(as: key) { return nil }
            }
        }
    }

    public var count: Int { members.count }
    public var isEmpty: Bool { members.isEmpty }
    /// In the order of the members.
    public var keys: [String] { members.map(\.key) }

    public func contains(_ key: String) -> Bool { position(of: key) != nil }

    /// Setting a new key puts it last; setting nil removes the member and keeps the order of the others.
    public subscript(key: String) -> JSON? {
        get {
            guard let position = position(of: key) else { return nil }
            return members[position].value
        }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (nil, let value?): append(Member(key: key, value: value))
            case (let position?, nil): remove(at: position)
            case (nil, nil): break
            }
        }
    }

    /// Members by the UTF-8 bytes of their keys.
    public var sortedMembers: [Member] {
        members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    private func position(of key: String) -> Int? {
        if let index { return index[ExactText(key)] }
        for position in members.indices where members[position].key.hasSameBytes(as: key) { return position }
        return nil
    }

    private mutating func append(_ member: Member) {
        members.append(member)
        if index != nil {
            index![ExactText(member.key)] = members.count - 1
        } else if members.count > Self.linearMembers {
            rebuildIndex()
        }
    }

    private mutating func remove(at position: Int) {
        members.remove(at: position)
        rebuildIndex()
    }

    private mutating func rebuildIndex() {
        index = nil
        guard members.count > Self.linearMembers else { return }
        var rebuilt = [ExactText: Int](minimumCapacity: members.count)
        for (position, member) in members.enumerated() { rebuilt[ExactText(member.key)] = position }
        index = rebuilt
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> IndexingIterator<[Member]> { members.makeIterator() }
    public var underestimatedCount: Int { members.count }
}

extension JSONObject: Hashable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        for (position, member) in left.members.enumerated() {
            // Objects of one origin have their keys in one order: then no lookup is needed.
            if right.members[position].key.hasSameBytes(as: member.key) {
                guard right.members[position].value == member.value else { return false }
            } else {
                guard let other = right[member.key], other == member.value else { return false }
            }
        }
        return true
    }

    /// Does not depend on the order of members, as equality does not.
    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for member in members { sum ^= member.hashValue }
        hasher.combine(members.count)
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// A key that is given twice is a programmer error.
    public init(dictionaryLiteral members: (String, JSON)...) {
        self.init(uniqueMembers: members.map { Member(key: $0.0, value: $0.1) })
    }
}
