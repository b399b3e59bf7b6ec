import Primitives

extension Ticket {
    /// The form that people copy.
    public var text: String {
        let content = content
        let total = content.count + Self.envelopeBytes
        // Every way to make a ticket has seen to it.
        precondition(total <= Self.byteLimit, "a ticket of \(total) bytes")
        var whole = ByteWriter(capacity: total)
        whole.write(Self.version)
        whole.write(fixed: UInt16(total))
        whole.write(raw: content)
        whole.write(fixed: CRC32C.checksum(whole.bytes))
        return Self.prefix + Base32.encode(whole.bytes)
    }

    /// What stands between the length and the checksum.
    var content: [UInt8] {
        var body = ByteWriter()
        body.write(clusterID)
        body.write(list: members) { writer, member in
            writer.write(raw: member.key.bytes)
            writer.write(varint: member.nodeID)
            writer.write(list: member.addresses) { $0.write($1) }
        }
        body.write(raw: secret)
        body.write(signed: expiry.milliseconds)
        return body.bytes
    }

    /// Whether the text claims to be a ticket. Only the prefix decides, never length or looks.
    public static func isTicket(_ text: some StringProtocol) -> Bool { text.lowercased().hasPrefix(prefix) }

    /// Reads what ``text`` gives; white space around it and upper case don't matter.
    ///
    /// Expiry is not judged here: see ``requireCurrent(at:)``.
    /// - Throws: ``MeshError/ticket(_:)``.
    public init(_ text: String) throws(MeshError) {
        do {
            self = try Self.parse(text)
        } catch {
            throw .ticket(error)
        }
    }

    private static func parse(_ text: String) throws(TicketProblem) -> Ticket {
        let characters = text.filter { !$0.isWhitespace }.lowercased()
        guard characters.hasPrefix(prefix) else { throw .prefix }
        let digits = characters.dropFirst(prefix.count)
        for (position, character) in digits.enumerated() where !isDigit(character) {
            throw .character(character, position: position + prefix.count + 1)
        }
        try checkLength(digits)
        guard let bytes = Base32.decode(digits), bytes.count >= 7 else { throw .checksum }
        var checksum = ByteReader(Array(bytes.suffix(4)))
        guard let stored = try? checksum.readFixed(UInt32.self), stored == CRC32C.checksum(bytes.dropLast(4)) else {
            throw .checksum
        }
        guard bytes[0] == version else { throw .unknownVersion(bytes[0]) }
        do {
            return try content(Array(bytes[3..<bytes.count - 4]))
        } catch {
            throw .content("\(error)")
        }
    }

    private static func isDigit(_ character: Character) -> Bool {
        ("a"..."z").contains(character) || ("2"..."7").contains(character)
    }

    /// The length stands in front so that a ticket cut short is told from one mistyped.
    private static func checkLength(_ digits: Substring) throws(TicketProblem) {
        // Eight digits are five bytes: version, length, and two more.
        guard digits.count >= 8, let head = Base32.decode(digits.prefix(8)) else {
            throw .length(characters: prefix.count + digits.count, expected: prefix.count + 8)
        }
        let total = Int(head[1]) | Int(head[2]) << 8
        let expected = (total * 8 + 4) / 5
        guard digits.count == expected, total <= byteLimit else {
            throw .length(characters: prefix.count + digits.count, expected: prefix.count + expected)
        }
    }

    private static func content(_ bytes: [UInt8]) throws(DecodingFailure) -> Ticket {
        var reader = ByteReader(bytes)
        let clusterID = try reader.readString()
        let members = try reader.readList { reader throws(DecodingFailure) in
            guard let key = PublicKey(try reader.readRaw(32)) else {
                throw DecodingFailure(.invalid("a key"), offset: reader.offset)
            }
            let nodeID = try reader.readVarint()
            let addresses = try reader.readList { reader throws(DecodingFailure) in try reader.readString() }
            guard (1...addressLimit).contains(addresses.count) else {
                throw DecodingFailure(.invalid("\(addresses.count) addresses"), offset: reader.offset)
            }
            return Member(key: key, addresses: addresses, nodeID: nodeID)
        }
        guard (1...memberLimit).contains(members.count) else {
            throw DecodingFailure(.invalid("\(members.count) members"), offset: reader.offset)
        }
        let secret = try reader.readRaw(secretBytes)
        let expiry = WallTime(milliseconds: try reader.readSigned())
        try reader.finish()
        return Ticket(read: clusterID, members, secret, expiry)
    }
}
