extension String {
    /// Whether both strings have the same UTF-8 bytes.
    ///
    /// `==` calls strings equal that Unicode calls canonically equivalent, such as a composed and a decomposed letter.
    /// What is stored and compared is text as it was written, so it is compared by this.
    public func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let same = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { right in
                Self.same(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
            }
        }
        return (same ?? nil) ?? utf8.elementsEqual(other.utf8)
    }

    /// - Parameter right: As long as the left one.
    private static func same(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset + 8 <= left.count {
            guard
                left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    == right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            else { return false }
            offset += 8
        }
        while offset < left.count {
            if left[offset] != right[offset] { return false }
            offset += 1
        }
        return true
    }
}

/// Text that is equal to other text only if it has the same bytes: for keys of dictionaries and members of sets.
public struct ExactText: Hashable, Comparable, Sendable {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public static func == (left: ExactText, right: ExactText) -> Bool { left.text.hasSameBytes(as: right.text) }

    public static func < (left: ExactText, right: ExactText) -> Bool { left.text.precedesByBytes(right.text) }

    public func hash(into hasher: inout Hasher) {
        // Equal bytes are equal strings, and equal strings have one hash.
        hasher.combine(text)
    }
}

extension [String: String] {
    /// The value of a key that has these very bytes.
    public subscript(exactly key: String) -> String? {
        guard let place = index(forKey: key), self[place].key.hasSameBytes(as: key) else { return nil }
        return self[place].value
    }

    /// Whether every key of the other is here with its value, all of them by their bytes.
    public func includesBytes(of other: [String: String]) -> Bool {
        other.allSatisfy { key, value in self[exactly: key]?.hasSameBytes(as: value) ?? false }
    }

    /// Whether both have the same keys with the same values, all of them by their bytes.
    public func hasSameBytes(as other: [String: String]) -> Bool {
        count == other.count && includesBytes(of: other)
    }
}

extension Sequence<String> {
    /// Whether one of them has the same bytes.
    public func containsBytes(of text: String) -> Bool { contains { $0.hasSameBytes(as: text) } }
}
